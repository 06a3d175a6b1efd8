using System.Text;
using CsCheck;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Messages;
using EmailIngestion.Messages.Authentication;
using MimeKit;
using MimeKit.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages.Authentication;

public sealed class DkimCheckTests
{
    private static readonly byte[] Body = "Hello\r\n"u8.ToArray();

    [Theory]
    [InlineData(DkimSignatureAlgorithm.RsaSha256, DkimCanonicalizationAlgorithm.Relaxed)]
    [InlineData(DkimSignatureAlgorithm.RsaSha256, DkimCanonicalizationAlgorithm.Simple)]
    [InlineData(DkimSignatureAlgorithm.Ed25519Sha256, DkimCanonicalizationAlgorithm.Relaxed)]
    public void A_mail_that_another_program_signed_passes(DkimSignatureAlgorithm algorithm, DkimCanonicalizationAlgorithm canonicalization)
    {
        var pair = KeyPair(algorithm);
        var message = new MimeMessage(
            [new MailboxAddress("Änne", "a@sender.test")], [new MailboxAddress("", "user@example.org")], "Grüße",
            new BodyBuilder { TextBody = "Hello  \r\n\r\nwörld\r\n\r\n", HtmlBody = "<p>Hello</p>" }.ToMessageBody());
        message.Prepare(EncodingConstraint.SevenBit);
        var signer = new DkimSigner(pair.Private, "sender.test", "S2", algorithm)
        {
            HeaderCanonicalizationAlgorithm = canonicalization,
            BodyCanonicalizationAlgorithm = canonicalization,
            AgentOrUserIdentifier = "@mail.sender.test",
        };
        signer.Sign(message, [HeaderId.From, HeaderId.Subject, HeaderId.To, HeaderId.ContentType]);
        using var raw = new MemoryStream();
        message.WriteTo(raw, TestContext.Current.CancellationToken);
        var keys = new FakeKeys().With("s2._domainkey.sender.test", Record(pair.Public));

        Assert.Equal([new("pass", "sender.test", "s2")], Read(raw.ToArray(), keys));
    }

    [Fact]
    public void A_signature_of_any_body_passes_byte_for_byte() =>
        Gen.Select(Gen.OneOf(OddBytes.Any, MimeBytes.Mutated), Gen.Bool).Sample(
            (body, relaxed) =>
            {
                // MimeKit, and most verifiers, keep a lone CR. What it means is not defined.
                if (Array.Exists(body, one => one == '\r'))
                    body = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(body).Replace("\r", "", StringComparison.Ordinal));
                Assert.Equal("pass", Single(PlainSigner.Sign("a@sender.test", "multipart/mixed; boundary=b", body, relaxed)).Result);
            },
            iter: 150);

    [Theory]
    [InlineData("", false)]
    [InlineData("", true)]
    [InlineData("\r\n\r\n", false)]
    [InlineData("\r\n\r\n", true)]
    [InlineData("no end", false)]
    [InlineData("no end", true)]
    [InlineData(" \r\n\t\r\nx \t y \r\n\r\n", true)]
    [InlineData("--b\r\nContent-Type: message/rfc822\r\n\r\nSubject:x\r\n\r\nx\r\n--b--", false)]
    public void Bodies_at_the_edge_of_the_rules_pass(string body, bool relaxed)
    {
        var raw = PlainSigner.Sign("a@sender.test", "multipart/mixed; boundary=b", Encoding.ASCII.GetBytes(body), relaxed);
        Assert.Equal(new("pass", "sender.test", "s1"), Single(raw));
    }

    [Theory]
    [InlineData("Hello", "Hallo", "fail", "The body was changed.")]
    [InlineData("From: a@", "From: b@", "fail", "The signature does not match the header.")]
    [InlineData("text/plain", "text/html", "fail", "The signature does not match the header.")]
    [InlineData("s=s1;", "s=s2;", "permerror", "The domain has no such key.")]
    [InlineData("d=sender.test", "d=sender..test", "permerror", "The domain and the selector are no name in DNS.")]
    [InlineData("d=sender.test", "d=sender test", "permerror", "The domain has no such key.")]
    [InlineData("d=sender.test", "d=a;b", "permerror", null)]
    [InlineData("a=rsa-sha256", "a=rsa-sha1", "permerror", "SHA-1 is not accepted (RFC 8301).")]
    [InlineData("a=rsa-sha256", "a=ed25519-sha256", "permerror", "The key is for another algorithm than the signature.")]
    [InlineData("a=rsa-sha256", "a=x", "permerror", null)]
    [InlineData("h=From:", "h=", "permerror", null)]
    [InlineData("v=1;", "v=2;", "permerror", null)]
    [InlineData("v=1;", "v=1; q=http;", "permerror", "The key is not in DNS.")]
    [InlineData("v=1;", "v=1; l=nothing;", "permerror", null)]
    [InlineData(" b=", " b=?", "permerror", null)]
    [InlineData(" b=", " x=", "permerror", null)]
    public void A_changed_mail_or_signature_does_not_pass(string from, string to, string result, string? reason)
    {
        var text = Encoding.ASCII.GetString(PlainSigner.Sign("a@sender.test", "text/plain", Body));
        var read = Single(Encoding.ASCII.GetBytes(text.Replace(from, to, StringComparison.Ordinal)));
        Assert.Equal(result, read.Result);
        Assert.Equal(reason ?? read.Reason, read.Reason);
        Assert.NotNull(read.Reason);
    }

    [Theory]
    [InlineData("", "pass", null)]
    [InlineData(" l=7;", "neutral", "The signature covers only a part of the body (l=).")]
    [InlineData(" x=1709251199;", "pass", null)]
    [InlineData(" x=1709251197;", "fail", "The signature had expired when the email arrived.")]
    [InlineData(" t=1709251190; x=4102444800;", "pass", null)]
    [InlineData(" x=99999999999;", "pass", null)]
    [InlineData(" t=2147483647;", "pass", null)]
    [InlineData(" t=4102444800;", "neutral", "The time of the signature is after 2038, which this check cannot read.")]
    [InlineData(" t=99999999999999999999;", "permerror", null)]
    [InlineData(" i=@mail.sender.test;", "pass", null)]
    [InlineData(" i=@other.test;", "permerror", null)]
    public void The_tags_of_a_signature_count(string tags, string result, string? reason)
    {
        var read = Single(PlainSigner.Sign("a@sender.test", "text/plain", Body, tags: tags));
        Assert.Equal((result, reason ?? read.Reason), (read.Result, read.Reason));
    }

    [Theory]
    [InlineData("{key}", "pass", null)]
    [InlineData("p={p}", "pass", null)]
    [InlineData(" k = rsa ; p = {p} ; n = a note", "pass", null)]
    [InlineData("{key}; t=y:x", "pass", "The domain tests DKIM (t=y).")]
    [InlineData("{key}; t=s", "permerror", "The key does not allow an address of a subdomain (t=s).")]
    [InlineData("{key}; h=sha1", "permerror", "The key does not allow SHA-256.")]
    [InlineData("{key}; h=sha1:sha256; s=email", "pass", null)]
    [InlineData("{key}; s=tlsrpt", "permerror", "The key is not for email.")]
    [InlineData("v=DKIM1; p=", "permerror", "The key is revoked.")]
    [InlineData("v=DKIM1; k=rsa", "permerror", "The record has no key.")]
    [InlineData("v=DKIM2; p={p}", "permerror", "The record has another version than DKIM1.")]
    [InlineData("v=DKIM1; p=AAAA", "permerror", "The key or the signature cannot be read.")]
    [InlineData("v=DKIM1; p={p}{p}{p}", "permerror", "The key is longer than 4096 bits.")]
    [InlineData("v=DKIM1; k=ed25519; p={p}", "permerror", "The key is for another algorithm than the signature.")]
    public void The_tags_of_a_key_count(string record, string result, string? reason)
    {
        record = record.Replace("{key}", PlainSigner.Record, StringComparison.Ordinal);
        var key = PlainSigner.Record[(PlainSigner.Record.IndexOf("p=", StringComparison.Ordinal) + 2)..];
        record = record.Replace("{p}", key, StringComparison.Ordinal);
        var raw = PlainSigner.Sign("a@sender.test", "text/plain", Body, tags: " i=@mail.sender.test;");
        Assert.Equal(new(result, "sender.test", "s1", reason), Single(raw, new FakeKeys().With(PlainSigner.Name, record)));
    }

    [Fact]
    public void A_key_of_512_bits_is_not_accepted()
    {
        var pair = KeyPair(DkimSignatureAlgorithm.RsaSha256, bits: 512);
        var read = Single(
            PlainSigner.Sign("a@sender.test", "text/plain", Body), new FakeKeys().With(PlainSigner.Name, Record(pair.Public)));
        Assert.Equal("permerror", read.Result);
    }

    [Fact]
    public void An_outage_of_DNS_is_a_temporary_error()
    {
        var keys = new FakeKeys { Otherwise = new(null, "DNS did not answer.") };
        Assert.Equal(
            new("temperror", "sender.test", "s1", "DNS did not answer."),
            Single(PlainSigner.Sign("a@sender.test", "text/plain", Body), keys));
    }

    [Fact]
    public void After_two_outages_no_more_names_are_asked_for()
    {
        var keys = new FakeKeys { Otherwise = new(null, "DNS did not answer.") };
        var read = Read(Signatures(9), keys);
        Assert.All(read, one => Assert.Equal("temperror", one.Result));
        Assert.Equal(["k0._domainkey.sender.test", "k1._domainkey.sender.test"], keys.Asked);
    }

    [Fact]
    public void The_names_and_the_signatures_of_an_email_are_bounded()
    {
        var keys = new FakeKeys();
        var message = Mail.Of(Signatures(15));
        message.Begin(new ReadingSettings { DkimKeys = keys }, CancellationToken.None);
        var read = message.Parsed.Authentication!.Verified!;
        Assert.Equal(
            Enumerable.Repeat("permerror", 5).Concat(Enumerable.Repeat("neutral", 5)), read.Select(one => one.Result));
        Assert.Equal(5, keys.Asked.Count);
        Assert.Equal(["authentication"], message.Parsed.Truncated);
    }

    [Fact]
    public void A_key_is_asked_for_once_and_only_when_the_body_is_right()
    {
        var signed = PlainSigner.Sign("a@sender.test", "text/plain", Body);
        var field = signed.AsSpan()[..(signed.AsSpan().IndexOf("From: "u8))];
        var keys = new FakeKeys().With(PlainSigner.Name, PlainSigner.Record);
        Assert.Equal(["pass", "pass"], Read([.. field, .. signed], keys).Select(one => one.Result));
        Assert.Single(keys.Asked);
        Assert.Equal("fail", Single([.. signed, .. "more"u8], keys).Result);
        Assert.Single(keys.Asked);
    }

    [Fact]
    public void Fields_of_other_servers_above_the_signature_change_nothing()
    {
        var signed = PlainSigner.Sign("a@sender.test", "text/plain", Body);
        Assert.Equal("pass", Single([.. "Received: from a by b\r\nAuthentication-Results: x; dkim=fail\r\n"u8, .. signed]).Result);
    }

    [Fact]
    public void A_mail_with_a_field_beyond_its_bound_is_not_checked()
    {
        var signed = PlainSigner.Sign("a@sender.test", "text/plain", Body);
        var read = Single([.. Encoding.ASCII.GetBytes($"X-Long: {new string('x', 100_000)}\r\n"), .. signed]);
        Assert.Equal(new("neutral", "sender.test", "s1", "A header field exceeds its bound."), read);
    }

    [Fact]
    public void A_mail_without_signature_has_no_results_and_no_check_has_none()
    {
        Assert.Equal([], Read("From: a@b.test\r\n\r\nx"u8.ToArray(), new FakeKeys()));
        Assert.Equal([], Read("just text"u8.ToArray(), new FakeKeys()));
        Assert.Null(Mail.Of(PlainSigner.Sign("a@sender.test", "text/plain", Body)).Parsed.Authentication);
    }

    [Fact]
    public void A_body_of_50_MB_is_hashed_without_a_copy()
    {
        var body = new byte[50_000_000];
        body.AsSpan().Fill((byte)'x');
        for (var at = 76; at + 1 < body.Length; at += 78)
            (body[at], body[at + 1]) = ((byte)'\r', (byte)'\n');
        var raw = PlainSigner.Sign("a@sender.test", "text/plain", body);
        var message = Mail.Of(raw);
        var settings = new ReadingSettings { DkimKeys = new FakeKeys().With(PlainSigner.Name, PlainSigner.Record) };
        var stop = TestContext.Current.CancellationToken;
        var email = new EmailConversion(
            message, MimeMails.Parse(raw, stop), MessageScan.Run(raw, settings.Limits, stop), new PartRanges(), settings, stop);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("pass", Assert.Single(DkimCheck.Run(email, settings.DkimKeys)).Result);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 5_000_000);
    }

    [Fact]
    public void Any_signature_and_any_key_give_a_result()
    {
        string[] pieces =
        [
            "v=1;", "a=rsa-sha256;", "a=ed25519-sha256;", "d=sender.test;", "s=s1;", "h=From;", "h=From:To:Content-Type;",
            "c=relaxed/relaxed;", "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;", "b=AAAA;", "b=", "=", ";", "\r\n ", "l=0;", "t=-1;",
            "x=99999999999999999999;",
            "k=rsa;", "k=ed25519;", "p=", "p=AAAA;", "é", "\0",
        ];
        var text = Gen.Int[0, pieces.Length - 1].Array[0, 20].Select(all => string.Concat(all.Select(i => pieces[i])));
        Gen.Select(text, text).Sample((signature, key) =>
        {
            var raw = Encoding.UTF8.GetBytes($"DKIM-Signature: v=1; a=rsa-sha256; {signature}\r\nFrom: a@b.test\r\n\r\n");
            Assert.NotEqual("pass", Single(raw, new FakeKeys { Otherwise = new(key) }).Result);
        });
    }

    private static ParsedAuthenticationResult Single(byte[] raw, FakeKeys? keys = null) =>
        Assert.Single(Read(raw, keys ?? new FakeKeys().With(PlainSigner.Name, PlainSigner.Record)));

    private static IReadOnlyList<ParsedAuthenticationResult> Read(byte[] raw, FakeKeys keys)
    {
        var message = Mail.Of(raw);
        message.Begin(new ReadingSettings { DkimKeys = keys }, CancellationToken.None);
        var read = message.Parsed.Authentication!;
        Assert.Null(read.Server);
        return read.Verified!;
    }

    // Many signatures whose body hash is right.
    private static byte[] Signatures(int count)
    {
        var signed = Encoding.ASCII.GetString(PlainSigner.Sign("a@sender.test", "text/plain", Body));
        var from = signed.IndexOf("From: ", StringComparison.Ordinal);
        var fields = Enumerable.Range(0, count).Select(i => signed[..from].Replace("s=s1;", $"s=k{i};", StringComparison.Ordinal));
        return Encoding.ASCII.GetBytes(string.Concat(fields) + signed[from..]);
    }

    private static AsymmetricCipherKeyPair KeyPair(DkimSignatureAlgorithm algorithm, int bits = 2048)
    {
        IAsymmetricCipherKeyPairGenerator generator =
            algorithm == DkimSignatureAlgorithm.Ed25519Sha256 ? new Ed25519KeyPairGenerator() : new RsaKeyPairGenerator();
        generator.Init(new KeyGenerationParameters(new SecureRandom(), bits));
        return generator.GenerateKeyPair();
    }

    private static string Record(AsymmetricKeyParameter key) => key is Ed25519PublicKeyParameters ed25519
        ? $"v=DKIM1; k=ed25519; p={Convert.ToBase64String(ed25519.GetEncoded())}"
        : $"v=DKIM1; p={Convert.ToBase64String(SubjectPublicKeyInfoFactory.CreateSubjectPublicKeyInfo(key).GetEncoded())}";
}
