namespace EmailIngestion.Mailboxes.Imap;

/// <summary>What a server may send in answer to one call. Sizes are in bytes.</summary>
/// <param name="Text">All that is no literal of a body.</param>
/// <param name="Line">The part of it that one response may have.</param>
/// <param name="Literal">The largest literal of a body; 0 when no body was asked for.</param>
/// <param name="Literals">All literals of bodies together.</param>
internal sealed record ResponseLimits(long Text, long Line, long Literal = 0, long Literals = 0)
{
    private const long KiB = 1024;
    private const long MiB = 1024 * KiB;

    /// <summary>The largest literal of a header.</summary>
    public const long Header = MiB;

    /// <summary>The most UIDs that one SEARCH may list.</summary>
    public const int MostListed = 1_000_000;

    // What servers say without being asked, and flags that others change meanwhile.
    private const long Unasked = MiB;
    private const long LongestLine = 256 * KiB;
    private const long PerEnvelope = KiB;

    // A UID and the space behind it.
    private const long PerListed = 12;

    /// <summary>The greeting, the capabilities and the way into TLS.</summary>
    public static ResponseLimits Greeting { get; } = new(64 * KiB, 64 * KiB);

    /// <summary>A login, a list of folders, an opened folder.</summary>
    public static ResponseLimits Command { get; } = new(Unasked, LongestLine);

    /// <summary>A SEARCH that may list so many emails.</summary>
    public static ResponseLimits Search(long listed) => new(Unasked + (listed * PerListed), LongestLine + (listed * PerListed));

    /// <summary>Sizes and dates of so many emails.</summary>
    public static ResponseLimits Envelopes(int count) => new(Unasked + (count * PerEnvelope), LongestLine);

    /// <summary>The header of one email.</summary>
    public static ResponseLimits OneHeader { get; } = new(Unasked, LongestLine, Header, 2 * Header);

    /// <summary>
    /// Bodies of the sizes that the server has announced. Servers miscount: line ends count once or twice, some announce the size after
    /// decoding. So twice the announced size is expected, and never much more than the largest message that is taken.
    /// </summary>
    /// <param name="announced">The sizes, bytes.</param>
    /// <param name="maxMessageBytes">The largest message that is taken.</param>
    public static ResponseLimits Bodies(IReadOnlyCollection<long> announced, long maxMessageBytes)
    {
        var literal = Math.Min((2 * announced.DefaultIfEmpty().Max()) + MiB, maxMessageBytes + MiB);
        var all = announced.Count <= 1 ? literal + MiB : (2 * announced.Sum()) + MiB;
        return new ResponseLimits(Unasked + (announced.Count * PerEnvelope), LongestLine, literal, Math.Max(all, literal));
    }
}
