using EmailIngestion.Messages.Bytes;
using MimeKit;

namespace EmailIngestion.Messages;

/// <summary>An email on its way from the mailbox to the processor: the server's data about it, and the raw message.</summary>
public sealed record EmailMessage
{
    private Aside<EmailReading?> _reading;
    private Aside<ParseWatch?> _watch;
    private ReadOnlyMemory<byte> _raw;
    private ByteSource? _content;

    /// <summary>The email's identity, the same for every delivery.</summary>
    public required EmailId Id { get; init; }

    /// <summary>The mailbox's name: <c>account/folder</c>.</summary>
    public required string Mailbox { get; init; }

    /// <summary>The folder's UIDVALIDITY.</summary>
    public required uint UidValidity { get; init; }

    /// <summary>The email's UID.</summary>
    public required uint Uid { get; init; }

    /// <summary>
    /// The Message-ID header without its angle brackets; empty when there is none. It is not unique: senders repeat it.
    /// </summary>
    public string MessageId { get; init; } = "";

    /// <summary>The decoded From header, at most 500 characters; empty when there is none.</summary>
    public string From { get; init; } = "";

    /// <summary>The decoded Subject header, at most 500 characters; empty when there is none.</summary>
    public string Subject { get; init; } = "";

    /// <summary>
    /// The time when the server received the email (INTERNALDATE), UTC. The sender's Date header is in <see cref="Raw"/>.
    /// </summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>The size of the message in bytes, as the server counts it (RFC822.SIZE).</summary>
    public required long Size { get; init; }

    /// <summary>
    /// The message from the server, byte for byte, in memory. A message above 4 MiB is not in memory before the first call. That call
    /// waits until the whole message fits into <c>Consumer:MaxBytesInFlight</c>, reads it from a local file, and keeps it to the end.
    /// <see cref="OpenRaw"/>, <see cref="Parsed"/> and <see cref="Mime"/> do neither.
    /// </summary>
    /// <exception cref="OperationCanceledException">The attempt has ended before there was room.</exception>
    public required ReadOnlyMemory<byte> Raw
    {
        get => _content is { } content ? content.Load(_reading.Value?.CancellationToken ?? CancellationToken.None) : _raw;
        init => (_raw, _content) = (value, null);
    }

    /// <summary>
    /// Opens the message as a stream, byte for byte. It starts at the beginning, can seek, and cannot be written. Each call opens another
    /// one. It needs no memory for the message, whatever its size. It can be read until the delivery ends.
    /// </summary>
    /// <exception cref="ObjectDisposedException">A read after the end of the delivery, of a message above 4 MiB.</exception>
    public Stream OpenRaw() => _content?.Open() ?? MemorySource.Open(_raw);

    /// <summary>
    /// The email's IMAP flags when it was read, such as <c>\Seen</c> or <c>$Forwarded</c>, without <c>\Recent</c>. At most 100, of 200
    /// characters each; null when it had none.
    /// </summary>
    public IReadOnlyList<string>? Flags { get; init; }

    /// <summary>
    /// Gmail's labels of the email when it was read, such as <c>\Inbox</c> or <c>Invoices</c>. At most 100, of 200 characters each; null
    /// when it had none and on other servers.
    /// </summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Gmail's ID of the message (X-GM-MSGID), the same in all its folders; null on other servers.</summary>
    public ulong? GmailMessageId { get; init; }

    /// <summary>Gmail's ID of the conversation (X-GM-THRID); null on other servers.</summary>
    public ulong? GmailThreadId { get; init; }

    /// <summary>The W3C trace context of the email's append; null without tracing.</summary>
    public string? TraceParent { get; init; }

    /// <summary>
    /// The email as people read it: addresses, texts, attachments, headers. It is made at the first call (about 150 µs for a small email)
    /// and is the same for the whole attempt.
    /// </summary>
    /// <exception cref="MessageTooComplexException">
    /// The message exceeds a limit of section <c>Processing</c>. Do not catch it: the email becomes a dead letter.
    /// </exception>
    public ParsedEmail Parsed => Read(static reading => reading.Parsed());

    /// <summary>
    /// The MIME structure of the message, for what <see cref="Parsed"/> does not have. It is parsed at the first call (about 100 µs for a
    /// small email) and is the same for the whole attempt. Header fields beyond their bounds (4 to 64 KiB) are cut in it;
    /// <see cref="Raw"/> has them whole.
    /// </summary>
    /// <exception cref="MessageTooComplexException">
    /// The message exceeds a limit of section <c>Processing</c>. Do not catch it: the email becomes a dead letter.
    /// </exception>
    public MimeMessage Mime => Read(static reading => reading.Mime());

    /// <summary>The message, wherever its bytes are.</summary>
    internal ByteSource Content
    {
        get => _content ?? new MemorySource(_raw);
        init => _content = value;
    }

    /// <summary>Whether the whole message is in memory.</summary>
    internal bool IsInMemory => _content is null or { IsInMemory: true };

    /// <summary>The length of the message in bytes. <see cref="Size"/> is what the server says.</summary>
    internal long Length => _content?.Length ?? _raw.Length;

    /// <summary>Separates failures of parsing from failures of the processor's dependency. Set while a delivery runs.</summary>
    internal ParseWatch? Watch
    {
        get => _watch.Value;
        set => _watch = new(value);
    }

    private EmailReading Reading =>
        _reading.Value is { } reading && reading.IsOf(this) ? reading : Begin(ReadingSettings.Default, CancellationToken.None);

    /// <summary>Whether another email has its message from the same place.</summary>
    internal bool HasSameBytes(EmailMessage other) => ReferenceEquals(_content, other._content) && _raw.Equals(other._raw);

    /// <summary>Sets how the email is read.</summary>
    internal EmailReading Begin(ReadingSettings settings, CancellationToken cancellationToken)
    {
        var reading = new EmailReading(this, settings, cancellationToken);
        _reading = new(reading);
        return reading;
    }

    /// <summary>Checks the message against the limits of its settings.</summary>
    /// <exception cref="MessageTooComplexException">The message exceeds a limit.</exception>
    internal MessageStructure Check() => Read(static reading => reading.Structure());

    private T Read<T>(Func<EmailReading, T> read)
    {
        var reading = Reading;
        return Watch is { } watch ? watch.Run(() => read(reading)) : read(reading);
    }
}
