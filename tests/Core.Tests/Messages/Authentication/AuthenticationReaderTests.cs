using EmailIngestion.Messages;
using Xunit;
using static EmailIngestion.Core.Tests.Messages.Authentication.AuthenticationMail;

namespace EmailIngestion.Core.Tests.Messages.Authentication;

/// <summary>What is read of the fields that servers write.</summary>
public sealed class AuthenticationReaderTests
{
    private static readonly ParsedAuthenticationResult Passed = new("pass");

    [Fact]
    public void The_results_of_gmail_are_read()
    {
        var read = Read(
            """
            Delivered-To: user@gmail.com
            Received: by 2002:a05:6402:1d4b:b0:5c9:4548:7f2e with SMTP id n11csp1; Thu, 1 Jan 2026 02:20:31 -0800 (PST)
            X-Received: by 2002:a17:907:940c:b0:a9a:835b:fc8f with SMTP id a640c23a62f3a; Thu, 01 Jan 2026 02:20:30 -0800 (PST)
            ARC-Authentication-Results: i=1; mx.google.com;
                   dkim=fail header.i=@sender.test
            Return-Path: <bounce@mail.sender.test>
            Received: from mail.sender.test (mail.sender.test. [203.0.113.5])
                    by mx.google.com with ESMTPS id a640c23a62f3a for <user@gmail.com>; Thu, 01 Jan 2026 02:20:30 -0800 (PST)
            Received-SPF: pass (google.com: domain of bounce@mail.sender.test designates 203.0.113.5 as permitted sender)
            Authentication-Results: mx.google.com;
                   dkim=pass header.i=@sender.test header.s=s1 header.b="aB/c=+";
                   dkim=neutral (body hash did not verify) header.i=@esp.test header.s=S2 header.b=Zz;
                   arc=pass (i=1 spf=pass spfdomain=x.test);
                   spf=pass (google.com: domain of bounce@mail.sender.test designates 203.0.113.5 as permitted sender)
                   smtp.mailfrom=bounce@mail.sender.test;
                   dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=Sender.test

            """,
            "MX.Google.Com");
        Assert.NotNull(read);
        Assert.Equal("mx.google.com", read.Server);
        Assert.Equal(
            [
                Passed with { Domain = "sender.test", Selector = "s1" },
                new("neutral", "esp.test", "s2", "body hash did not verify"),
            ],
            read.Dkim);
        Assert.Equal(
            new(
                "pass", "mail.sender.test", null,
                "google.com: domain of bounce@mail.sender.test designates 203.0.113.5 as permitted sender"),
            read.Spf);
        Assert.Equal(new("pass", "sender.test", null, "p=REJECT sp=REJECT dis=NONE"), read.Dmarc);
        Assert.Equal(Passed with { Reason = "i=1 spf=pass spfdomain=x.test" }, read.Arc);
        Assert.Null(read.Verified);
    }

    [Fact]
    public void The_results_of_microsoft_365_are_read_although_they_name_no_server()
    {
        var read = Read(
            """
            Received: from AM9PR04MB8414.eurprd04.prod.outlook.com (2603:10a6:20b:3ef::22)
             by AS8PR04MB8433.eurprd04.prod.outlook.com with HTTPS; Thu, 1 Jan 2026 10:20:33 +0000
            Received: from AM5EUR02FT030.eop-EUR02.prod.protection.outlook.com
             (2603:10a6:208:17c:cafe::5d) by AM6PR10CA0055.outlook.office365.com
             (2603:10a6:209:80::32) with Microsoft SMTP Server id 15.20.5038.14 via Frontend Transport; Thu, 1 Jan 2026 10:20:32 +0000
            Authentication-Results: spf=pass (sender IP is 203.0.113.5)
             smtp.mailfrom=sender.test; dkim=pass (signature was verified)
             header.d=sender.test;dmarc=pass action=none
             header.from=sender.test;compauth=pass reason=100
            Received-SPF: Pass (protection.outlook.com: domain of sender.test designates 203.0.113.5 as permitted sender)
            Received: from mail.sender.test (203.0.113.5) by AM5EUR02FT030.mail.protection.outlook.com (10.152.8.132)
             with Microsoft SMTP Server id 15.20.5038.14 via Frontend Transport; Thu, 1 Jan 2026 10:20:31 +0000
            Authentication-Results-Original: spf=fail smtp.mailfrom=other.test

            """,
            "microsoft365");
        Assert.NotNull(read);
        Assert.Equal("microsoft365", read.Server);
        Assert.Equal(new("pass", "sender.test", null, "sender IP is 203.0.113.5"), read.Spf);
        Assert.Equal([new("pass", "sender.test", null, "signature was verified")], read.Dkim);
        Assert.Equal(Passed with { Domain = "sender.test" }, read.Dmarc);
        Assert.Null(read.Arc);
    }

    [Fact]
    public void The_fields_of_fastmail_with_unknown_words_are_read_all()
    {
        var read = Read(
            """
            Return-Path: <a@sender.test>
            Received: from mx1 ([10.202.2.200])
              by compute6.internal (LMTPProxy); Thu, 01 Jan 2026 05:20:32 -0500
            Received: from mailmx.nyi.internal (localhost [127.0.0.1])
              by mx1.messagingengine.com (Authentication Milter) with ESMTP id 1; Thu, 1 Jan 2026 05:20:31 -0500
            X-ME-Authentication-Results: mx1.messagingengine.com; x-vs=clean score=0
            Authentication-Results: mx1.messagingengine.com;
                x-csa=none;
                x-ptr=pass smtp.helo=mail.sender.test policy.ptr=mail.sender.test
            Authentication-Results: mx1.messagingengine.com;
                arc=none (no signatures found)
            Authentication-Results: mx1.messagingengine.com;
                dkim=pass (1024-bit rsa key sha256) header.d=sender.test
                  header.i=@sender.test header.b=KpmcEAgT header.a=rsa-sha256
                  header.s=mailo x-bits=1024;
                dmarc=pass policy.published-domain-policy=none
                  (p=none,d=none,d.eval=none) policy.policy-from=p
                  header.from=sender.test;
                iprev=pass smtp.remote-ip=203.0.113.5 (mail.sender.test);
                spf=pass smtp.mailfrom=a@sender.test smtp.helo=mail.sender.test
            Received: from mail.sender.test (mail.sender.test [203.0.113.5])
                by mailmx.nyi.internal (Postfix) with ESMTPS; Thu, 1 Jan 2026 05:20:30 -0500

            """,
            "mx1.messagingengine.com");
        Assert.NotNull(read);
        Assert.Equal([new("pass", "sender.test", "mailo", "1024-bit rsa key sha256")], read.Dkim);
        Assert.Equal(Passed with { Domain = "sender.test" }, read.Dmarc);
        Assert.Equal(Passed with { Domain = "sender.test" }, read.Spf);
        Assert.Equal(new("none", null, null, "no signatures found"), read.Arc);
    }

    [Fact]
    public void Each_server_of_a_list_is_believed_once()
    {
        var read = Read(
            Edge
            + Field("dmarc=pass header.from=sender.test", "dmarc.icloud.com")
            + "X-DMARC-Policy: v=DMARC1; p=reject\n"
            + Field("dkim=pass (2048-bit key) header.d=sender.test", "dkim-verifier.icloud.com")
            + Field("spf=softfail smtp.mailfrom=\"SRS0=Z8Bj=5h=x=y@fwd.test\"", "spf.icloud.com")
            + Field("spf=pass smtp.mailfrom=a@bank.test", "spf.icloud.com"),
            "dmarc.icloud.com, dkim-verifier.icloud.com, spf.icloud.com");
        Assert.NotNull(read);
        Assert.Equal("dmarc.icloud.com", read.Server);
        Assert.Equal(("pass", "pass"), (read.Dmarc!.Result, read.Dkim[0].Result));
        Assert.Equal(("softfail", "fwd.test"), Result(read.Spf));
    }

    [Theory]
    [InlineData("mx.example.org 1; dmarc=pass header.from=sender.test")]
    [InlineData("MX.EXAMPLE.ORG; dmarc=Pass header.from=SENDER.test")]
    [InlineData("\"mx.example.org\"; dmarc/1 = pass header . from=x header.from = sender.test")]
    [InlineData("(of (nested \\) ) comments) mx.example.org (v) 1 (w); (x) dmarc (y) = (z) pass header.from=sender.test;")]
    [InlineData("mx.example.org; ; none; x; =; \"; dmarc=fail\"; dmarc=pass header.from=sender.test")]
    [InlineData("mx.example.org;\n\t dmarc=pass\n\theader.from=sender.test\n\t")]
    [InlineData("mx.example.org; dmarc=pass header.from=a@sender.test. header.from=other.test")]
    public void Each_spelling_of_a_result_is_read(string value) =>
        Assert.Equal(("pass", "sender.test"), Result(Read($"Authentication-Results: {value}\n" + Edge)?.Dmarc));

    [Theory]
    [InlineData("spf=pass smtp.mailfrom=\"a b\"@sender.test", "sender.test")]
    [InlineData("spf=pass smtp.mailfrom=\"a; dmarc=pass header.from=bank.test; \"@sender.test", "sender.test")]
    [InlineData("spf=pass smtp.mailfrom=<a@sender.test>", "sender.test")]
    [InlineData("spf=pass smtp.mailfrom=<> smtp.helo=mail.sender.test", "mail.sender.test")]
    [InlineData("spf=pass smtp.helo=mail.sender.test; spf=pass smtp.mailfrom=a@sender.test", "sender.test")]
    [InlineData("spf=pass smtp.mailfrom=", null)]
    [InlineData("spf=pass smtp.mailfrom=none", null)]
    [InlineData("spf=pass", null)]
    public void The_domain_is_that_of_the_address(string result, string? domain)
    {
        var read = Read(Field(result) + Edge);
        Assert.Equal(("pass", domain), Result(read?.Spf));
        Assert.Null(read!.Dmarc);
    }

    [Theory]
    [InlineData("dkim=fail reason=\"signature \\\"failed\\\"\" header.d=a.test", "signature \"failed\"")]
    [InlineData("dkim=fail (bad (very)\n\tbad) reason=x header.d=a.test", "x")]
    [InlineData("dkim=fail (bad\n\t(very) bad) header.d=a.test", "bad (very) bad")]
    [InlineData("dkim=fail header.d=a.test (of the domain)", null)]
    [InlineData("dkim=fail () header.d=a.test", null)]
    public void The_reason_is_the_servers_or_its_comment(string result, string? reason) =>
        Assert.Equal([new("fail", "a.test", null, reason)], Read(Field(result) + Edge)!.Dkim);

    [Fact]
    public void A_long_reason_is_cut() =>
        Assert.Equal(500, Read(Field($"dkim=fail ({new string('x', 2_000)}) header.d=a.test") + Edge)!.Dkim[0].Reason!.Length);

    [Fact]
    public void Many_signatures_are_cut_and_said_to_be()
    {
        var message = Mail.Of(Field(string.Concat(Enumerable.Repeat("dkim=pass header.d=a.test;", 60))) + Edge + Sent + "\n");
        message.Begin(new ReadingSettings { AuthenticationServer = Server }, CancellationToken.None);
        Assert.Equal(20, message.Parsed.Authentication!.Dkim.Count);
        Assert.Equal(["authentication"], message.Parsed.Truncated);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("x-spam=yes")]
    [InlineData("compauth=pass reason=100")]
    [InlineData("")]
    public void A_field_without_known_results_says_nothing(string results) => Assert.Null(Read(Field(results) + Edge));

    private static (string? Result, string? Domain) Result(ParsedAuthenticationResult? result) => (result?.Result, result?.Domain);
}
