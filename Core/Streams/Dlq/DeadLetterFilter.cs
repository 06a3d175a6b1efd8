using System.Globalization;

namespace EmailIngestion.Streams.Dlq;

/// <summary>Selects dead letters. A part that is null selects all.</summary>
public sealed record DeadLetterFilter
{
    /// <summary>Selects all dead letters.</summary>
    public static readonly DeadLetterFilter All = new();

    /// <summary>The mailbox, as account/folder.</summary>
    public string? Mailbox { get; init; }

    /// <summary>The hash that similar errors share.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The reason, such as <c>permanent</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>The exception's type, or the reason.</summary>
    public string? ErrorType { get; init; }

    /// <summary>The earliest time when the email became a dead letter.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The latest time when the email became a dead letter.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>A text that the subject or the sender contains, in upper or lower case.</summary>
    public string? Text { get; init; }

    /// <summary>The first ID by time, as a bound of a range.</summary>
    internal string First => From is { } from ? $"{Milliseconds(from)}-0" : "-";

    /// <summary>The last ID by time, as a bound of a range.</summary>
    internal string Last => To is { } to ? $"{Milliseconds(to)}-{ulong.MaxValue}" : "+";

    /// <summary>Whether Redis reads nothing that does not match.</summary>
    internal bool IsExact => Mailbox is null && Reason is null && ErrorType is null && Text is null;

    /// <summary>Whether a dead letter matches, apart from its time: the caller reads a range of IDs.</summary>
    internal bool Matches(DeadLetterRow row) =>
        (Mailbox is null || row.Mailbox == Mailbox)
        && (Fingerprint is null || row.Fingerprint == Fingerprint)
        && (Reason is null || row.Reason == Reason)
        && (ErrorType is null || row.ErrorType == ErrorType)
        && (Text is null
            || row.Subject.Contains(Text, StringComparison.OrdinalIgnoreCase)
            || row.From.Contains(Text, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a dead letter may match both. False: none can.</summary>
    internal bool MayOverlap(DeadLetterFilter other)
    {
        return MayBeSame(Mailbox, other.Mailbox) && MayBeSame(Fingerprint, other.Fingerprint)
            && MayBeSame(Reason, other.Reason) && MayBeSame(ErrorType, other.ErrorType)
            && !IsAfter(From, other.To) && !IsAfter(other.From, To);

        static bool MayBeSame(string? one, string? another) => one is null || another is null || one == another;

        // As in the bounds of a range, which are whole milliseconds.
        static bool IsAfter(DateTimeOffset? from, DateTimeOffset? to) => from?.ToUnixTimeMilliseconds() > to?.ToUnixTimeMilliseconds();
    }

    private static string Milliseconds(DateTimeOffset time) =>
        Math.Max(0, time.ToUnixTimeMilliseconds()).ToString(CultureInfo.InvariantCulture);
}
