using CsCheck;
using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages.Kinds;

public sealed class KindReaderTests
{
    private const string Report = "Content-Type: multipart/report; boundary=b; report-type=";

    [Theory]
    [InlineData("")]
    [InlineData("From: Ann <ann@example.org>\nReply-To: ann@example.org")]
    [InlineData("Auto-Submitted: no")]
    [InlineData("Auto-Submitted: No (by hand)")]
    [InlineData("X-Auto-Response-Suppress: All")]
    [InlineData("X-MS-Exchange-Inbox-Rules-Loop: bob@example.org")]
    [InlineData("Subject: Automatic reply: what is it?")]
    [InlineData("Subject: Undelivered Mail Returned to Sender")]
    [InlineData("Subject: Out of office on Monday\nReturn-Path: <ann@example.org>")]
    [InlineData("Precedence: first-class")]
    [InlineData("X-Autoreply: no")]
    [InlineData("Feedback-ID: ::1.eu-central-1.x=:AmazonSES")]
    [InlineData("From: noreply@example.org")]
    public void Mail_without_a_sign_is_a_message(string headers) => Assert.Equal(EmailKind.Message, Kind(headers));

    [Theory]
    [InlineData("Auto-Submitted: auto-replied")]
    [InlineData("AUTO-SUBMITTED: Auto-Replied (vacation)")]
    [InlineData("Auto-Submitted: auto-replied; owner-email=\"ann@example.org\"\nPrecedence: bulk")]
    [InlineData("Auto-Submitted: auto-generated")]
    [InlineData("Auto-Submitted: auto-notified")]
    [InlineData("X-Autoreply: yes")]
    [InlineData("X-Autorespond: Away")]
    [InlineData("Precedence: auto_reply")]
    [InlineData("Subject: Automatic reply: Offer\nX-Auto-Response-Suppress: All")]
    [InlineData("Subject: Automatische Antwort: Angebot\nX-MS-Exchange-Inbox-Rules-Loop: bob@example.org")]
    [InlineData("Subject: =?utf-8?Q?R=C3=A9ponse_automatique_:_Offre?=\nX-Auto-Response-Suppress: All")]
    [InlineData("Subject: Risposta automatica: Offerta\nX-Auto-Response-Suppress: All")]
    [InlineData("Subject: Respuesta =?utf-8?B?YXV0b23DoXRpY2E=?=: Oferta\nX-Auto-Response-Suppress: All")]
    [InlineData("Subject: Out of Office: Ann\nPrecedence: bulk")]
    [InlineData("Return-Path: <>\nFrom: Ann <ann@example.org>\nSubject: away")]
    [InlineData("From: MAILER-DAEMON@mx.example.org\nSubject: note")]
    public void Answers_and_notices_of_programs_are_auto_replies(string headers) => Assert.Equal(EmailKind.AutoReply, Kind(headers));

    [Theory]
    [InlineData("List-Id: <dev.example.org>")]
    [InlineData("List-Unsubscribe: <mailto:leave@example.org>")]
    [InlineData("Precedence: Bulk")]
    [InlineData("Precedence: list")]
    [InlineData("Precedence: junk")]
    [InlineData("Feedback-ID: 123:campaign:example")]
    [InlineData("X-BeenThere: dev@example.org")]
    [InlineData("Auto-Submitted: auto-generated\nList-Id: <repo.example.org>")]
    public void Mail_to_many_is_bulk(string headers) => Assert.Equal(EmailKind.Bulk, Kind(headers));

    [Theory]
    [InlineData("REQUEST", "text/calendar", EmailKind.Calendar)]
    [InlineData("REPLY", "text/calendar", EmailKind.Calendar)]
    [InlineData("cancel", "text/calendar", EmailKind.Calendar)]
    [InlineData("PUBLISH", "text/calendar", EmailKind.Message)]
    [InlineData(null, "text/calendar", EmailKind.Message)]
    [InlineData("REQUEST", "application/ics", EmailKind.Message)]
    public void Only_invitations_and_their_answers_are_calendar(string? method, string type, EmailKind kind)
    {
        var parameter = method is null ? "" : $"; method={method}";
        Assert.Equal(kind, Kind("Content-Type: multipart/alternative; boundary=b", "--b\n\nText\n"
            + $"--b\nContent-Type: {type}{parameter}\n\n"
            + "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:1\nEND:VEVENT\nEND:VCALENDAR\n--b--\n"));
    }

    [Theory]
    [InlineData("Auto-Submitted: auto-generated")]
    [InlineData("List-Id: <dev.example.org>")]
    public void An_invitation_stays_calendar_however_it_is_sent(string header) =>
        Assert.Equal(EmailKind.Calendar, Kind(
            $"{header}\nContent-Type: text/calendar; method=REQUEST",
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nEND:VEVENT\nEND:VCALENDAR\n"));

    [Theory]
    [InlineData(Report + "disposition-notification", "message/disposition-notification")]
    [InlineData(Report + "\"Disposition-Notification\"\nAuto-Submitted: auto-replied", "text/plain")]
    [InlineData("Content-Type: multipart/report; boundary=b", "message/disposition-notification")]
    public void A_read_receipt_is_known_by_its_report(string headers, string type) =>
        Assert.Equal(EmailKind.ReadReceipt, Kind(
            headers,
            $"--b\n\nYour message was displayed.\n--b\nContent-Type: {type}\n\n"
            + "Final-Recipient: rfc822;ann@example.org\nOriginal-Message-ID: <1@example.org>\n"
            + "Disposition: manual-action/MDN-sent-manually; displayed\n--b--\n"));

    [Theory]
    [InlineData("feedback-report", "message/feedback-report")]
    [InlineData("tlsrpt", "application/tlsrpt+gzip")]
    public void Other_reports_are_bulk(string report, string type) =>
        Assert.Equal(
            EmailKind.Bulk, Kind(Report + report, $"--b\n\nA report.\n--b\nContent-Type: {type}\n\nFeedback-Type: abuse\n--b--\n"));

    [Theory]
    [InlineData("delivery-status")]
    [InlineData("Delivery-Status\nAuto-Submitted: auto-replied\nPrecedence: bulk")]
    public void A_delivery_report_is_a_bounce(string report) =>
        Assert.Equal(EmailKind.Bounce, Kind(Report + report, "--b\n\nFailed.\n--b\nContent-Type: message/delivery-status\n\n"
            + "Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; ann@example.org\nAction: failed\nStatus: 5.1.1\n--b--\n"));

    [Fact]
    public void Any_bytes_have_a_kind()
    {
        OddBytes.Any.Sample(raw => Enum.IsDefined(Mail.Of(raw).Parsed.Kind));
        MimeBytes.Mutated.Sample(raw => Enum.IsDefined(Mail.Of(raw).Parsed.Kind), iter: 300);
    }

    private static EmailKind Kind(string headers, string body = "Hello\n") =>
        Mail.Of($"{(headers.Length == 0 ? "X: y" : headers)}\n\n{body}").Parsed.Kind;
}
