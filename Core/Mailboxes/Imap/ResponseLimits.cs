namespace EmailIngestion.Mailboxes.Imap;

/// <summary>The limits of a server's answer to one call, in bytes.</summary>
/// <param name="Text">All bytes outside of bodies.</param>
/// <param name="Line">The bytes of one response outside of bodies.</param>
/// <param name="Literal">The largest literal of a body. Default 0: the call requests no bodies.</param>
/// <param name="Literals">All literals of bodies together. Default 0.</param>
internal sealed record ResponseLimits(long Text, long Line, long Literal = 0, long Literals = 0)
{
    private const long KiB = 1024;
    private const long MiB = 1024 * KiB;

    /// <summary>The largest literal of a header.</summary>
    public const long Header = MiB;

    /// <summary>The most UIDs that one SEARCH may list.</summary>
    public const int MostListed = 1_000_000;

    // Unsolicited responses, such as flags that other clients change.
    private const long Unsolicited = MiB;
    private const long LongestLine = 256 * KiB;
    private const long PerEnvelope = KiB;

    // Gmail's labels. Nested ones repeat the names of those above them.
    private const long PerLabels = 7 * KiB;

    // A UID and the space after it.
    private const long PerListed = 12;

    /// <summary>The greeting, the capabilities and STARTTLS.</summary>
    public static ResponseLimits Greeting { get; } = new(64 * KiB, 64 * KiB);

    /// <summary>A login, a list of folders, an opened folder.</summary>
    public static ResponseLimits Command { get; } = new(Unsolicited, LongestLine);

    /// <summary>A SEARCH that may list this many emails.</summary>
    public static ResponseLimits Search(long listed) => new(Unsolicited + (listed * PerListed), LongestLine + (listed * PerListed));

    /// <summary>The envelopes of this many emails.</summary>
    public static ResponseLimits Envelopes(int count, bool withLabels = false) =>
        new(Unsolicited + (count * (PerEnvelope + (withLabels ? PerLabels : 0))), LongestLine);

    /// <summary>The header of one email.</summary>
    public static ResponseLimits OneHeader { get; } = new(Unsolicited, LongestLine, Header, 2 * Header);

    /// <summary>
    /// Bodies of the announced sizes. Servers miscount: some count line ends once instead of twice, some announce the size after decoding.
    /// So the limit is twice the announced size, but not much more than the largest accepted message.
    /// </summary>
    /// <param name="announced">The announced sizes in bytes.</param>
    /// <param name="maxMessageBytes">The largest accepted message in bytes.</param>
    public static ResponseLimits Bodies(IReadOnlyCollection<long> announced, long maxMessageBytes)
    {
        var literal = Math.Min((2 * announced.DefaultIfEmpty().Max()) + MiB, maxMessageBytes + MiB);
        var all = announced.Count <= 1 ? literal + MiB : (2 * announced.Sum()) + MiB;
        return new ResponseLimits(Unsolicited + (announced.Count * PerEnvelope), LongestLine, literal, Math.Max(all, literal));
    }
}
