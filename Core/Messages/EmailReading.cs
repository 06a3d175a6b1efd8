using MimeKit;

namespace EmailIngestion.Messages;

/// <summary>
/// What has been read of an email so far: the check of its structure, its MIME, its parsed form. Each is made once, when it is first asked
/// for. One attempt has one.
/// </summary>
internal sealed class EmailReading(EmailMessage message, ReadingSettings settings, CancellationToken cancellationToken)
{
    private readonly Lock _lock = new();
    private MessageStructure? _structure;
    private MimeMessage? _mime;
    private ParsedEmail? _parsed;

    /// <summary>How the email is read.</summary>
    public ReadingSettings Settings => settings;

    /// <summary>Whether this is about the same bytes.</summary>
    public bool IsOf(EmailMessage other) => message.Raw.Equals(other.Raw);

    /// <exception cref="MessageTooComplexException">The email exceeds a limit.</exception>
    public MessageStructure Structure()
    {
        lock (_lock)
            return _structure ??= MessageScan.Run(message.Raw, settings.Limits, cancellationToken);
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
        return EmailConverter.Convert(new EmailConversion(message, mime, Structure(), ranges, settings, cancellationToken));
    }

    // The parsed form has a MIME message of its own: a processor may change the other one.
    private MimeMessage Parse(PartRanges? ranges) =>
        MimeLoader.Parse(message.Raw, Structure(), settings.Limits, ranges, cancellationToken);
}
