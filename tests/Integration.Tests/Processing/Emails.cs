using EmailIngestion.Messages;

namespace EmailIngestion.Integration.Tests.Processing;

internal static class Emails
{
    public static EmailMessage Of(byte[] raw) => new()
    {
        Id = EmailId.Of("ann@example.org", "INBOX", 7, 42),
        Mailbox = "ann@example.org/INBOX",
        UidValidity = 7,
        Uid = 42,
        Date = new DateTimeOffset(2024, 3, 1, 1, 30, 0, TimeSpan.FromHours(2)),
        Size = raw.Length,
        Raw = raw,
    };
}
