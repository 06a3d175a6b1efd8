using MimeKit;

namespace EmailIngestion.Messages;

/// <summary>The email as it travels from the mailbox to the processor: what the server said of it, and the raw message.</summary>
public sealed record EmailMessage
{
    private CheckedStructure _checked;
    private Aside<ParseWatch?> _watch;

    public required EmailId Id { get; init; }

    /// <summary>The mailbox's name: <c>account/folder</c>.</summary>
    public required string Mailbox { get; init; }

    public required uint UidValidity { get; init; }

    public required uint Uid { get; init; }

    /// <summary>The Message-ID header without its angle brackets; empty when there is none. Senders repeat it: it identifies nothing.</summary>
    public string MessageId { get; init; } = "";

    public string From { get; init; } = "";

    public string Subject { get; init; } = "";

    /// <summary>When the server received the email (INTERNALDATE), UTC. The Date header, which senders invent, is in <see cref="Raw"/>.</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>Bytes of the message as the server counts them (RFC822.SIZE).</summary>
    public required long Size { get; init; }

    /// <summary>The message as the server holds it, byte for byte.</summary>
    public required ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>W3C trace context of the poll that appended it; null when nothing was traced.</summary>
    public string? TraceParent { get; init; }

    /// <summary>
    /// Parses the message. Costs about 100 µs and up, so it happens where it is needed and not in the poller. Header fields beyond their
    /// bounds (4 to 64 KiB) are cut in what is returned; <see cref="Raw"/> has them whole.
    /// </summary>
    /// <exception cref="MessageTooComplexException">It exceeds a limit of section <c>Processing</c>: let it through to your caller.</exception>
    public MimeMessage Parse(CancellationToken cancellationToken = default)
    {
        return Watch is { } watch ? watch.Run(Run) : Run();

        MimeMessage Run()
        {
            var limits = _checked.Limits;
            return MimeConverter.Parse(Raw, Check(limits, cancellationToken), limits, cancellationToken);
        }
    }

    /// <summary>Sets the limits that <see cref="Parse"/> checks the message against.</summary>
    internal void Limit(MessageLimits limits) => _checked = new CheckedStructure(Raw, limits, null);

    /// <summary>Checks the message against limits, which hold for <see cref="Parse"/> from then on.</summary>
    /// <exception cref="MessageTooComplexException">It exceeds one.</exception>
    internal MessageStructure Check(MessageLimits limits, CancellationToken cancellationToken)
    {
        if (_checked.Of(Raw, limits) is { } known)
            return known;
        var structure = Watch is { } watch ? watch.Run(Scan) : Scan();
        _checked = new CheckedStructure(Raw, limits, structure);
        return structure;

        MessageStructure Scan() => MessageScan.Run(Raw, limits, cancellationToken);
    }

    /// <summary>Set while a delivery runs: tells the email's own failures from those of the processor's dependency.</summary>
    internal ParseWatch? Watch
    {
        get => _watch.Value;
        set => _watch = new(value);
    }
}
