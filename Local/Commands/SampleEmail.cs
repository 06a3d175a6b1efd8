using System.Text;
using EmailIngestion.Messages;

namespace EmailIngestion.Local.Commands;

/// <summary>Makes the email of a webhook's test: text, HTML and an attachment.</summary>
internal static class SampleEmail
{
    private const string Account = "webhook-test@example.org";
    private const string Folder = "INBOX";

    /// <summary>Makes an email with an ID of its own, so that a receiver does not skip it as a repeated one.</summary>
    public static EmailMessage At(DateTimeOffset now)
    {
        var uid = (uint)(now.ToUnixTimeMilliseconds() & uint.MaxValue);
        var raw = Encoding.UTF8.GetBytes($"""
            From: "Webhook test" <{Account}>
            To: support@example.org
            Date: {now:R}
            Message-ID: <{uid}@webhook-test.example.org>
            Subject: A test of the webhook
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary="mixed"

            --mixed
            Content-Type: multipart/alternative; boundary="alternative"

            --alternative
            Content-Type: text/plain; charset=utf-8

            This is a sample email. Grüße!
            --alternative
            Content-Type: text/html; charset=utf-8

            <p>This is a <b>sample</b> email. Grüße!</p>
            --alternative--
            --mixed
            Content-Type: text/csv; name="sample.csv"
            Content-Disposition: attachment; filename="sample.csv"

            item,amount
            sample,1
            --mixed--
            """.ReplaceLineEndings("\r\n"));
        return new EmailMessage
        {
            Id = EmailId.Of(Account, Folder, 1, uid),
            Mailbox = MailboxName.Of(Account, Folder),
            UidValidity = 1,
            Uid = uid,
            Date = now,
            Size = raw.Length,
            Raw = raw,
        };
    }
}
