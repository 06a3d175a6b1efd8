using System.Text;
using MailKit;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Keeps the last that the server said. MailKit reads response codes and drops those that it does not know, and servers say by codes of
/// their own that they have had enough.
/// </summary>
internal sealed class ServerWords : IProtocolLogger
{
    private const int Kept = 1024;

    private readonly byte[] _tail = new byte[Kept];
    private int _length;

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

    public void LogConnect(Uri uri) => _length = 0;

    public void LogClient(byte[] buffer, int offset, int count)
    {
        // What we say is of no interest, and a password may be in it.
    }

    public void LogServer(byte[] buffer, int offset, int count)
    {
        var part = buffer.AsSpan(offset, count);
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
