using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages.Kinds;

public sealed class BounceReaderTests
{
    private const string Original =
        "--b\nContent-Type: message/rfc822\n\nFrom: bob@example.org\nMessage-ID: <original@example.org>\nSubject: Offer\n\nHello\n";

    [Fact]
    public void A_standard_report_is_read_whole()
    {
        var bounce = Report(
            "Reporting-MTA: dns; mx.example.org\nArrival-Date: Mon, 2 Feb 2026 10:00:00 +0100\n\n"
            + "Original-Recipient: rfc822;old@example.org\nFinal-Recipient: rfc822; ann@example.org\nAction: failed\nStatus: 5.1.1\n"
            + "Diagnostic-Code: smtp; 550 5.1.1 <ann@example.org>:\n    User unknown\n\n"
            + "Original-Recipient: rfc822; eve@example.org\nAction: Delayed (will retry)\nStatus: 4.4.7 (timeout)\n",
            Original);
        Assert.Equal(("mx.example.org", "original@example.org"), (bounce.ReportingServer, bounce.OriginalMessageId));
        Assert.Equal(
            [
                new("ann@example.org", "failed", "5.1.1", "550 5.1.1 <ann@example.org>: User unknown"),
                new("eve@example.org", "delayed", "4.4.7", null),
            ],
            bounce.Recipients);
    }

    [Theory]
    [InlineData("text/rfc822-headers")]
    [InlineData("message/rfc822")]
    public void The_original_is_found_in_either_form(string type) =>
        Assert.Equal("original@example.org", Report(
            "Final-Recipient: rfc822; ann@example.org\nAction: failed\n",
            $"--b\nContent-Type: {type}\n\nSubject: Offer\nMessage-ID:\n <original@example.org>\n\n").OriginalMessageId);

    [Theory]
    [InlineData("Final-Recipient: ann@example.org", "ann@example.org")]
    [InlineData("Final-Recipient: rfc822;<ann@example.org>", "ann@example.org")]
    [InlineData("final-recipient: utf-8; änn@example.org", "änn@example.org")]
    [InlineData("Final-Recipient: ", null)]
    [InlineData("Final-Recipient: rfc822;", null)]
    public void Recipients_are_read_leniently(string field, string? address) =>
        Assert.Equal(address, Assert.Single(Report($"Reporting-MTA: x\n\n{field}\nAction: failed\n").Recipients).Address);

    [Theory]
    [InlineData("Action: burned", null)]
    [InlineData("Action: FAILED", "failed")]
    [InlineData("Action: relayed", "relayed")]
    [InlineData("Action: delivered", "delivered")]
    public void Only_actions_of_the_standard_are_read(string field, string? action) =>
        Assert.Equal(action, Assert.Single(Report($"Final-Recipient: rfc822; a@example.org\n{field}\n").Recipients).Action);

    [Theory]
    [InlineData("multipart/mixed; boundary=b", "Return-Path: <>")]
    [InlineData("multipart/report; boundary=b", "From: ann@example.org")]
    public void A_report_without_its_report_type_is_read(string type, string header) =>
        Assert.NotNull(Mail.Of(
            $"{header}\nContent-Type: {type}\n\n--b\n\nFailed.\n--b\nContent-Type: message/delivery-status\n\n"
            + "Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; a@example.org\n--b--\n").Parsed.Bounce);

    [Fact]
    public void A_report_that_a_person_forwards_is_no_bounce() =>
        Assert.Null(Mail.Of(
            "From: ann@example.org\nContent-Type: multipart/mixed; boundary=m\n\n--m\n\nSee below.\n--m\nContent-Type: message/rfc822\n\n"
            + "Return-Path: <>\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nFailed.\n--b\n"
            + "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@example.org\n--b--\n--m--\n").Parsed.Bounce);

    public static TheoryData<string, string, ParsedBounceRecipient, string?> Texts => new()
    {
        {
            "Return-Path: <>",
            "Hi. This is the qmail-send program at mx.example.org.\nI'm afraid I wasn't able to deliver your message to the following"
            + " addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<ann@example.org>:\nSorry, no"
            + " mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <bob@example.org>\n"
            + "Message-ID: <original@example.org>\nFrom: <other@example.org>\n",
            new("ann@example.org", "failed", "5.1.1", "Sorry, no mailbox here by that name. (#5.1.1)"),
            "original@example.org"
        },
        {
            "From: Mail Delivery System <Mailer-Daemon@mx.example.org>\nX-Failed-Recipients: ann@example.org",
            "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or"
            + " more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  ann@example.org\n"
            + "    host mx.example.net [192.0.2.1]\n    SMTP error from remote mail server after RCPT TO:<ann@example.org>:\n"
            + "    550 5.7.1 Denied\n\n------ This is a copy of the message, including all the headers. ------\n\n"
            + "From: bob@example.org\nMessage-Id: <original@example.org>\n",
            new("ann@example.org", "failed", "5.7.1", "host mx.example.net [192.0.2.1] SMTP error from remote mail server after RCPT"
                + " TO:<ann@example.org>: 550 5.7.1 Denied"),
            "original@example.org"
        },
        {
            "From: MAILER-DAEMON@mx.example.org (Mail Delivery System)",
            "This is the Postfix program at host mx.example.org.\n\nI'm sorry to have to inform you that your message could not be"
            + " delivered.\n\n<ann@example.org>: host mx.example.net[192.0.2.1] said: 552 5.2.2 Mailbox\n"
            + "    full (in reply to RCPT TO command)\n",
            new("ann@example.org", "failed", "5.2.2", "host mx.example.net[192.0.2.1] said: 552 5.2.2 Mailbox full (in reply to RCPT TO"
                + " command)"),
            null
        },
        {
            "From: postmaster@example.org",
            "Your message did not reach some or all of the intended recipients.\n\n      Subject:\tOffer\n      Sent:\t02.02.2026 10:00\n\n"
            + "The following recipient(s) could not be reached:\n\n      ann@example.org on 02.02.2026 10:01\n"
            + "            The e-mail account does not exist. <mx.example.org #5.1.1>\n",
            new("ann@example.org", "failed", "5.1.1", "The e-mail account does not exist. <mx.example.org #5.1.1>"),
            null
        },
        {
            "From: mailer-daemon@example.org",
            "Delivery to the following recipient has been delayed:\n\n     ann@example.org\n\nMessage will be retried for 2 more day(s)\n\n"
            + "----- Original message -----\n\nMessage-ID: <original@example.org>\n",
            new("ann@example.org", "delayed", null, "Message will be retried for 2 more day(s)"),
            "original@example.org"
        },
        {
            "Return-Path: <>\nX-Failed-Recipients: ann@example.org",
            "Text in no language that is known.\n",
            new("ann@example.org", "failed", null, null),
            null
        },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Reports_of_servers_without_the_standard_are_read(
        string headers, string text, ParsedBounceRecipient recipient, string? original)
    {
        var parsed = Mail.Of($"{headers}\nSubject: failure notice\n\n{text}").Parsed;
        Assert.Equal(EmailKind.Bounce, parsed.Kind);
        Assert.Equal([recipient], parsed.Bounce!.Recipients);
        Assert.Equal(original, parsed.Bounce.OriginalMessageId);
    }

    [Theory]
    [InlineData("From: ann@example.org", "Hi. This is the qmail-send program at mx.example.org.\n\n<eve@example.org>:\nNo mailbox.\n")]
    [InlineData("Return-Path: <>", "I am away until Monday. Write to eve@example.org:\n<eve@example.org>:\n")]
    [InlineData("From: ann@example.org\nX-Failed-Recipients: eve@example.org", "Look at this.\n")]
    public void One_sign_alone_makes_no_bounce(string headers, string text) =>
        Assert.Null(Mail.Of($"{headers}\n\n{text}").Parsed.Bounce);

    [Fact]
    public void The_recipients_are_bounded()
    {
        var groups = Enumerable.Range(0, 5_000).Select(i => $"Final-Recipient: rfc822; a{i}@example.org\nAction: failed\n\n");
        var email = Mail.Of(Raw(string.Concat(groups)));
        Assert.Equal(100, email.Parsed.Bounce!.Recipients.Count);
        Assert.Equal(["bounce"], email.Parsed.Truncated);
    }

    [Theory]
    [InlineData("Final-Recipient: rfc822; ", "a")]
    [InlineData("Final-Recipient: rfc822; a@example.org\nDiagnostic-Code: smtp", "\n more")]
    [InlineData("Final-Recipient: rfc822; a@example.org\nStatus: ", "5.")]
    [InlineData("", "A:\n")]
    [InlineData("Final-Recipient: rfc822; a@example.org\n", "\n")]
    public void A_hostile_report_is_bounded(string start, string piece)
    {
        LinearTime.Check(
            1_000_000,
            size => start + string.Concat(Enumerable.Repeat(piece, size / piece.Length)),
            groups =>
            {
                var bounce = Report(groups);
                Assert.All(bounce.Recipients, recipient => Assert.InRange(recipient.Diagnostic?.Length ?? 0, 0, 500));
                Assert.All(bounce.Recipients, recipient => Assert.InRange(recipient.Address?.Length ?? 0, 0, 320));
            });
    }

    private static ParsedBounce Report(string groups, string rest = "") => Mail.Of(Raw(groups, rest)).Parsed.Bounce!;

    private static string Raw(string groups, string rest = "") =>
        "Return-Path: <>\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nFailed.\n"
        + $"--b\nContent-Type: message/delivery-status\n\n{groups}{rest}--b--\n";
}
