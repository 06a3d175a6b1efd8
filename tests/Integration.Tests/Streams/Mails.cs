using System.Security.Cryptography;
using System.Text;
using EmailIngestion.Messages;
using EmailIngestion.Streams;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>Emails of the mailbox that these tests append from, distinguished by UID.</summary>
internal static class Mails
{
    public const string Mailbox = "user@example.test/INBOX";
    public const uint UidValidity = 7;

    public static readonly TimeSpan Window = TimeSpan.FromDays(7);

    public static EmailMessage Message(uint uid, string? content = null, uint uidValidity = UidValidity, int epoch = 0)
    {
        var raw = Raw(content ?? $"mail {uid}");
        return new EmailMessage
        {
            Id = EmailId.Of("user@example.test", "INBOX", uidValidity, uid, epoch),
            Mailbox = Mailbox,
            UidValidity = uidValidity,
            Uid = uid,
            MessageId = $"{uid}@example.test",
            From = "sender@example.test",
            Subject = $"Mail {uid}",
            Date = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            Size = raw.Length,
            Raw = raw,
        };
    }

    public static AppendItem Item(uint uid, string? content = null, FailureRecord? failure = null)
    {
        var message = Message(uid, content);
        return new AppendItem(message, SHA256.HashData(message.Raw.Span)[..16], failure);
    }

    public static AppendItem[] Items(uint first, uint last) => [.. UidRange(first, last).Select(uid => Item(uid))];

    public static IEnumerable<uint> UidRange(uint first, uint last) =>
        Enumerable.Range((int)first, (int)(last - first + 1)).Select(uid => (uint)uid);

    // Every byte value is transferred, including NUL and broken UTF-8.
    private static byte[] Raw(string content) =>
        [.. Encoding.ASCII.GetBytes($"Subject: test\r\n\r\n{content}\r\n"), .. Enumerable.Range(0, 256).Select(value => (byte)value)];

    /// <summary>Starts the mailbox's cursor at 0 and returns it.</summary>
    public static async Task<MailboxCursor> StartAsync(EmailStream stream)
    {
        await stream.Mailboxes.StartEpochAsync(Mailbox, null, UidValidity, 0, CancellationToken.None);
        return (await stream.Mailboxes.ReadCursorAsync(Mailbox, CancellationToken.None))!;
    }

    /// <summary>Appends the UIDs up to <paramref name="count"/> that are not appended yet.</summary>
    public static async Task<MailboxCursor> AppendAsync(EmailStream stream, int count)
    {
        var cursor = await StartAsync(stream);
        for (var follows = cursor.Last; follows < count; follows += 100)
        {
            var last = Math.Min((uint)count, follows + 100);
            await stream.AppendAsync(Mailbox, cursor, follows, Items(follows + 1, last), Window, CancellationToken.None);
        }

        return cursor;
    }
}
