using MimeKit;

namespace EmailIngestion.Messages;

/// <summary>An email on its way from the mailbox to the processor: the server's data about it, and the raw message.</summary>
public sealed record EmailMessage
{
    private CheckedStructure _checked;
    private Aside<ParseWatch?> _watch;

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

    /// <summary>The message from the server, byte for byte.</summary>
    public required ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>The W3C trace context of the email's append; null without tracing.</summary>
    public string? TraceParent { get; init; }

    /// <summary>
    /// Parses the message. This takes about 100 µs or more, so only processors that need it do it. Header fields beyond their bounds
    /// (4 to 64 KiB) are cut in the result; <see cref="Raw"/> has them whole.
    /// </summary>
    /// <exception cref="MessageTooComplexException">
    /// The message exceeds a limit of section <c>Processing</c>. Do not catch it: the email becomes a dead letter.
    /// </exception>
    public MimeMessage Parse(CancellationToken cancellationToken = default)
    {
        return Watch is { } watch ? watch.Run(Run) : Run();

        MimeMessage Run()
        {
            var limits = _checked.Limits;
            return MimeConverter.Parse(Raw, Check(limits, cancellationToken), limits, cancellationToken);
        }
    }

    /// <summary>Sets the limits for <see cref="Parse"/>.</summary>
    internal void Limit(MessageLimits limits) => _checked = new CheckedStructure(Raw, limits, null);

    /// <summary>Checks the message against limits and sets them for <see cref="Parse"/>.</summary>
    /// <exception cref="MessageTooComplexException">The message exceeds a limit.</exception>
    internal MessageStructure Check(MessageLimits limits, CancellationToken cancellationToken)
    {
        if (_checked.Of(Raw, limits) is { } known)
            return known;
        var structure = Watch is { } watch ? watch.Run(Scan) : Scan();
        _checked = new CheckedStructure(Raw, limits, structure);
        return structure;

        MessageStructure Scan() => MessageScan.Run(Raw, limits, cancellationToken);
    }

    /// <summary>Separates failures of parsing from failures of the processor's dependency. Set while a delivery runs.</summary>
    internal ParseWatch? Watch
    {
        get => _watch.Value;
        set => _watch = new(value);
    }
}
