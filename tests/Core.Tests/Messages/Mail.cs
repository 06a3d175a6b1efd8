using System.Text;
using EmailIngestion.Messages;

namespace EmailIngestion.Core.Tests.Messages;

/// <summary>Makes emails from raw messages.</summary>
internal static class Mail
{
    public static EmailMessage Of(string raw) => Of(Encoding.UTF8.GetBytes(raw));

    public static EmailMessage Of(byte[] raw) => new()
    {
        Id = EmailId.Of("user@example.org", "INBOX", 7, 42),
        Mailbox = "user@example.org/INBOX",
        UidValidity = 7,
        Uid = 42,
        Date = new DateTimeOffset(2024, 2, 29, 23, 59, 58, TimeSpan.Zero),
        Size = raw.Length,
        Raw = raw,
    };
}
