using System.Runtime.InteropServices;
using System.Text;
using MailKit;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// Receives the server's data before MailKit parses it: decrypted, each block as it was read. It passes the data to the watch and keeps the
/// last line. MailKit drops unknown response codes, and servers report throttling with their own codes.
/// </summary>
internal sealed class ServerText(ResponseWatch watch) : IProtocolLogger
{
    private const int Kept = 1024;
    private const int MaxRecorded = 16 * 1024;

    private readonly byte[] _tail = new byte[Kept];
    private int _length;
    private List<byte>? _recorded;

    /// <summary>The check of the server's data. Its exceptions end MailKit's read and the connection.</summary>
    public ResponseWatch Watch => watch;

    /// <summary>The last line received, complete or not.</summary>
    public string LastLine
    {
        get
        {
            var text = Encoding.UTF8.GetString(_tail, 0, _length).TrimEnd();
            return text[(text.LastIndexOf('\n') + 1)..];
        }
    }

    /// <summary>The last continuation (<c>+ text</c>) among the lines kept, without its plus sign; empty if there is none.</summary>
    public string LastChallenge
    {
        get
        {
            var text = Encoding.UTF8.GetString(_tail, 0, _length);
            var start = text.LastIndexOf("\n+ ", StringComparison.Ordinal) + 1;
            if (start == 0 && !text.StartsWith("+ ", StringComparison.Ordinal))
                return "";
            var end = text.IndexOf('\n', start);
            return (end < 0 ? text[start..] : text[start..end])[2..].Trim();
        }
    }

    /// <summary>Raised when the server warns by an untagged NO (RFC 3501, 7.1.2).</summary>
    public event Action? Warned;

    /// <summary>Begins to record what the server sends.</summary>
    public void Record() => _recorded = [];

    /// <summary>Whether the server has sent this since. Ends the recording, which is bounded: false if it sent very much.</summary>
    public bool HasRecorded(ReadOnlySpan<byte> text)
    {
        var found = CollectionsMarshal.AsSpan(_recorded).IndexOf(text) >= 0;
        _recorded = null;
        return found;
    }

    IAuthenticationSecretDetector? IProtocolLogger.AuthenticationSecretDetector { get; set; }

    public void LogConnect(Uri uri)
    {
        _length = 0;
        watch.Reset();
    }

    public void LogClient(byte[] buffer, int offset, int count)
    {
        // Only STARTTLS matters. Nothing else is kept, since it may contain a password.
        if (buffer.AsSpan(offset, count).EndsWith(" STARTTLS\r\n"u8))
            watch.StartTls();
    }

    public void LogServer(byte[] buffer, int offset, int count)
    {
        var part = buffer.AsSpan(offset, count);
        watch.Read(part);
        if (_recorded is { Count: < MaxRecorded } recorded)
            recorded.AddRange(part);
        if (watch.HasWarned)
            Warned?.Invoke();
        if (part.Length >= Kept)
            part = part[^Kept..];
        var kept = Math.Min(_length, Kept - part.Length);
        _tail.AsSpan(_length - kept, kept).CopyTo(_tail);
        part.CopyTo(_tail.AsSpan(kept));
        _length = kept + part.Length;
    }

    public void Dispose()
    {
    }
}
