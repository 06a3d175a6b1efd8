using MimeKit;

namespace EmailIngestion.Messages;

/// <summary>
/// What has been read of an email so far: the check of its structure, its MIME, its parsed form. Each is made once, when it is first asked
/// for. One attempt has one.
/// </summary>
internal sealed class EmailReading(EmailMessage message, ReadingSettings settings, CancellationToken cancellationToken)
{
    private readonly Lock _lock = new();
    private EmailMessage? _read;
    private MessageStructure? _structure;
    private MimeMessage? _mime;
    private ParsedEmail? _parsed;

    /// <summary>How the email is read.</summary>
    public ReadingSettings Settings => settings;

    /// <summary>Ends the reading.</summary>
    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>Whether this is about the same bytes.</summary>
    public bool IsOf(EmailMessage other) => message.HasSameBytes(other);

    // The email as it is parsed.
    private EmailMessage Read
    {
        get
        {
            if (_read is null)
            {
                var raw = message.Content;
                _read = BareReturns.AsLineFeeds(raw) is var read && ReferenceEquals(read, raw) ? message : message with { Content = read };
            }

            return _read;
        }
    }

    /// <exception cref="MessageTooComplexException">The email exceeds a limit.</exception>
    public MessageStructure Structure()
    {
        lock (_lock)
            return _structure ??= MessageScan.Run(Read.Content, settings.Limits, cancellationToken);
    }

    /// <summary>The parsed message, the same one at each call.</summary>
    public MimeMessage Mime()
    {
        lock (_lock)
            return _mime ??= Parse(ranges: null);
    }

    public ParsedEmail Parsed()
    {
        lock (_lock)
            return _parsed ??= Convert();
    }

    private ParsedEmail Convert()
    {
        var ranges = new PartRanges();
        var mime = Parse(ranges);
        return EmailConverter.Convert(new EmailConversion(Read, mime, Structure(), ranges, settings, cancellationToken));
    }

    // The parsed form has a MIME message of its own: a processor may change the other one.
    private MimeMessage Parse(PartRanges? ranges) =>
        MimeLoader.Parse(Read.Content, Structure(), settings.Limits, ranges, cancellationToken);
}
