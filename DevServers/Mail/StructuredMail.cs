using System.Globalization;
using System.Text;
using MimeKit;

namespace EmailIngestion.DevServers.Mail;

/// <summary>Well-formed mail with more structure: forwards, inline images, automatic messages.</summary>
internal static class StructuredMail
{
    private const int Deep = 50;

    public static readonly (string Kind, Func<DemoDraft, byte[]> Build)[] Kinds =
    [
        ("forward", Forward), ("inline-image", InlineImage), ("deep", DeeplyNested), ("auto-reply", AutoReply),
        ("invite", Invite), ("delivery-status", DeliveryStatus), ("newsletter", Newsletter),
    ];

    private static byte[] Forward(DemoDraft draft)
    {
        var (outer, inner) = (draft.Language(), draft.Language());
        var first = draft.Message(inner, OrdinaryMail.TextPart("plain", draft.Text(inner, 1, 5)));
        var second = draft.Message(
            inner, draft.Multipart("mixed", OrdinaryMail.Alternative(draft, inner), new MessagePart { Message = first }));
        return DemoDraft.Serialize(draft.Message(
            outer,
            draft.Multipart("mixed", OrdinaryMail.TextPart("plain", draft.Text(outer, 1, 2)), new MessagePart { Message = second }),
            $"Fwd: {second.Subject}"));
    }

    private static byte[] InlineImage(DemoDraft draft)
    {
        var image = OrdinaryMail.Attachment("image/png", "logo.png", OrdinaryMail.Png(draft, 3000));
        image.ContentDisposition = new ContentDisposition(ContentDisposition.Inline) { FileName = "logo.png" };
        image.ContentId = $"logo{draft.Number}@example.test";
        var html = OrdinaryMail.TextPart("html", $"<html><body><img src=\"cid:{image.ContentId}\"><p>Welcome</p></body></html>\r\n");
        return DemoDraft.Serialize(draft.Message(draft.Language(), draft.Multipart("related", html, image)));
    }

    private static byte[] DeeplyNested(DemoDraft draft)
    {
        MimeEntity entity = OrdinaryMail.TextPart("plain", "The bottom.\r\n");
        for (var i = 0; i < Deep; i++) entity = draft.Multipart("mixed", entity);
        return DemoDraft.Serialize(draft.Message(DemoPhrases.English, entity, $"{Deep} levels deep"));
    }

    private static byte[] AutoReply(DemoDraft draft)
    {
        var body = OrdinaryMail.TextPart("plain", "Ich bin bis Montag nicht im Büro.\r\n");
        var message = draft.Message(DemoPhrases.German, body, "Abwesenheit: Re: Ihre Anfrage");
        message.InReplyTo = $"{draft.Random.Next()}@example.test";
        message.Headers.Add("Auto-Submitted", "auto-replied");
        message.Headers.Add("X-Auto-Response-Suppress", "All");
        message.Headers.Add("Precedence", "bulk");
        message.Headers.Add("Return-Path", "<>");
        return DemoDraft.Serialize(message);
    }

    private static byte[] Invite(DemoDraft draft)
    {
        var start = draft.Date.UtcDateTime.AddDays(2).ToString("yyyyMMdd'T'HH'0000Z'", CultureInfo.InvariantCulture);
        var calendar = OrdinaryMail.TextPart("calendar", string.Join("\r\n",
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//Demo//EN", "METHOD:REQUEST", "BEGIN:VEVENT",
            $"UID:{draft.Number}@calendar.example.test", $"DTSTAMP:{start}", $"DTSTART:{start}", "DURATION:PT1H",
            "SUMMARY:Réunion budget", "ORGANIZER:mailto:sender1@example.org", "END:VEVENT", "END:VCALENDAR", ""));
        calendar.ContentType.Parameters.Add("method", "REQUEST");
        return DemoDraft.Serialize(draft.Message(
            DemoPhrases.English,
            draft.Multipart("alternative", OrdinaryMail.TextPart("plain", "You are invited.\r\n"), calendar),
            "Invitation: Réunion budget"));
    }

    private static byte[] DeliveryStatus(DemoDraft draft)
    {
        var status = new MimePart("message", "delivery-status")
        {
            Content = new MimeContent(new MemoryStream(Encoding.ASCII.GetBytes(
                "Reporting-MTA: dns; mx.example.org\r\n\r\nFinal-Recipient: rfc822; gone@example.org\r\n"
                + "Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n"))),
        };
        var report = draft.Multipart(
            "report",
            OrdinaryMail.TextPart("plain", "Your message could not be delivered.\r\n"),
            status,
            OrdinaryMail.TextPart("rfc822-headers", $"From: {DemoMailbox.User}\r\nTo: gone@example.org\r\nSubject: lost\r\n", "us-ascii"));
        report.ContentType.Parameters.Add("report-type", "delivery-status");
        var message = draft.Message(DemoPhrases.English, report, "Undelivered Mail Returned to Sender");
        message.From.Clear();
        message.From.Add(new MailboxAddress("Mail Delivery System", "MAILER-DAEMON@mx.example.org"));
        return DemoDraft.Serialize(message);
    }

    private static byte[] Newsletter(DemoDraft draft)
    {
        var language = draft.Language();
        var message = draft.Message(language, OrdinaryMail.Alternative(draft, language));
        message.Headers.Add("List-Id", "Weekly <weekly.example.org>");
        message.Headers.Add("List-Unsubscribe", "<https://example.org/unsubscribe>");
        return DemoDraft.Serialize(message);
    }
}
