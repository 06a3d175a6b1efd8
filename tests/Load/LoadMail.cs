using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EmailIngestion.Mailboxes;
using EmailIngestion.Messages;
using EmailIngestion.Streams;

namespace EmailIngestion.Load;

/// <summary>
/// The emails of a run, by number from 1, which is also their UID. Each has small headers and text up to the requested size.
/// </summary>
/// <param name="bytes">The bytes of one message.</param>
/// <param name="isLarge">Whether each 101st has twenty times the bytes.</param>
internal sealed class LoadMail(int bytes, bool isLarge = false)
{
    public const string User = "load@example.test";
    public const uint UidValidity = 1;

    private const string Folder = "INBOX";

    private const uint Period = 101;
    private const int Larger = 20;

    private readonly byte[] _text = Text(bytes);

    public static string Mailbox => $"{User}/{Folder}";

    public byte[] Raw(uint number)
    {
        var head = Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"From: sender{number % 97}@example.test\r\nTo: {User}\r\nSubject: Load {number}\r\n"
            + $"Message-ID: <{number}@load.example.test>\r\n"
            + $"Content-Type: text/plain\r\n\r\n"));
        var length = isLarge && number % Period == 0 ? Larger * bytes : bytes;
        var raw = new byte[Math.Max(length, head.Length + 2)];
        head.CopyTo(raw, 0);
        for (var at = head.Length; at < raw.Length;)
        {
            var count = Math.Min(bytes, raw.Length - at);
            _text.AsSpan(0, count).CopyTo(raw.AsSpan(at));
            at += count;
        }

        return raw;
    }

    /// <summary>Returns the email as the poller would append it.</summary>
    public AppendItem Item(uint number, DateTimeOffset now)
    {
        var raw = Raw(number);
        var headers = EmailHeaders.Read(raw);
        var message = new EmailMessage
        {
            Id = EmailId.Of(User, Folder, UidValidity, number),
            Mailbox = Mailbox,
            UidValidity = UidValidity,
            Uid = number,
            MessageId = headers.MessageId,
            From = headers.From,
            Subject = headers.Subject,
            Date = now,
            Size = raw.Length,
            Raw = raw,
        };
        return new AppendItem(message, SHA256.HashData(raw)[..16]);
    }

    /// <summary>The settings of the mailbox that holds them.</summary>
    public static MailboxOptions Options { get; } = new() { Username = User, StartFrom = "all" };

    private static byte[] Text(int bytes)
    {
        var text = new StringBuilder();
        var random = new Random(1);
        while (text.Length < bytes + 128)
            text.Append(CultureInfo.InvariantCulture, $"{random.Next():X8} {random.Next():X8} {random.Next():X8} {random.Next():X8}\r\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
