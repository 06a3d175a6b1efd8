using System.Text;
using MailKit;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// Sees what the server says before MailKit parses it: within TLS, and each block as it was read. Has it watched, and keeps the last line.
/// MailKit reads response codes and drops those that it does not know, and servers say by codes of their own that they have had enough.
/// </summary>
internal sealed class ServerText(ResponseWatch watch) : IProtocolLogger
{
    private const int Kept = 1024;

    private readonly byte[] _tail = new byte[Kept];
    private int _length;

    /// <summary>What watches the server's words. What it throws ends MailKit's read and its connection.</summary>
    public ResponseWatch Watch => watch;

    /// <summary>The last line, whole or not.</summary>
    public string LastLine
    {
        get
        {
            var text = Encoding.UTF8.GetString(_tail, 0, _length).TrimEnd();
            return text[(text.LastIndexOf('\n') + 1)..];
        }
    }

    IAuthenticationSecretDetector? IProtocolLogger.AuthenticationSecretDetector { get; set; }

    public void LogConnect(Uri uri)
    {
        _length = 0;
        watch.Reset();
    }

    public void LogClient(byte[] buffer, int offset, int count)
    {
        // What we say is of no other interest, and a password may be in it.
        if (buffer.AsSpan(offset, count).EndsWith(" STARTTLS\r\n"u8))
            watch.StartTls();
    }

    public void LogServer(byte[] buffer, int offset, int count)
    {
        var part = buffer.AsSpan(offset, count);
        watch.Read(part);
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
