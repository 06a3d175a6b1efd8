using EmailIngestion.Messages.Text;
using MimeKit;

namespace EmailIngestion.Messages;

/// <summary>
/// What the readers of one email's fields share: the email, its parsed MIME, its settings, and the fields that a bound cut.
/// </summary>
internal sealed class EmailConversion(
    EmailMessage message,
    MimeMessage mime,
    MessageStructure structure,
    PartRanges ranges,
    ReadingSettings settings,
    CancellationToken cancellationToken)
{
    private const int LineEndLength = 2;

    private readonly List<string> _truncated = [];
    private ReadOnlyMemory<byte>? _head;

    /// <summary>The email with the server's data about it.</summary>
    public EmailMessage Message => message;

    /// <summary>The parsed email. Its header fields are within their bounds.</summary>
    public MimeMessage Mime => mime;

    /// <summary>What the scan of the email found, such as the fields that were cut.</summary>
    public MessageStructure Structure => structure;

    /// <summary>Where its attached emails are in its bytes.</summary>
    public PartRanges Ranges => ranges;

    /// <summary>How emails are read.</summary>
    public ReadingSettings Settings => settings;

    /// <summary>The charset of raw 8-bit text in the headers.</summary>
    public HeaderCharset HeaderCharset { get; } = new(message.Content);

    /// <summary>
    /// The start of the email's bytes, with its whole header. All of them where they are in memory.
    /// </summary>
    public ReadOnlyMemory<byte> Head => _head ??= message.Content.Head((int)(structure.Start + structure.HeaderBytes + LineEndLength));

    /// <summary>Cancels a long conversion.</summary>
    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>The JSON names of the fields that a bound cut, in alphabetical order; null when there are none.</summary>
    public IReadOnlyList<string>? Truncated => _truncated.Count == 0 ? null : [.. _truncated.Order(StringComparer.Ordinal)];

    /// <summary>Notes that a bound cut a field.</summary>
    public void AddTruncated(string field)
    {
        if (!_truncated.Contains(field))
            _truncated.Add(field);
    }
}
