using EmailIngestion.Messages;
using MailKit;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Names the flags of an email as IMAP does.</summary>
internal static class FlagNames
{
    private static readonly (MessageFlags Flag, string Name)[] System =
    [
        (MessageFlags.Answered, @"\Answered"),
        (MessageFlags.Deleted, @"\Deleted"),
        (MessageFlags.Draft, @"\Draft"),
        (MessageFlags.Flagged, @"\Flagged"),
        (MessageFlags.Seen, @"\Seen"),
    ];

    private const string Recent = @"\Recent";

    /// <summary>
    /// The flags and keywords in alphabetical order; null when there are none. <c>\Recent</c> is left out: it says which session saw the
    /// email first (RFC 3501), and nothing of the email.
    /// </summary>
    public static IReadOnlyList<string>? Of(MessageFlags? flags, IEnumerable<string>? keywords)
    {
        var names = System.Where(known => flags?.HasFlag(known.Flag) == true).Select(known => known.Name);
        return TagList.Of(names.Concat((keywords ?? []).Order(StringComparer.Ordinal)));
    }

    /// <summary>The same for a list of flags as the server sends it.</summary>
    public static IReadOnlyList<string>? Of(IReadOnlyCollection<string> sent)
    {
        if (sent.Count == 0)
            return null;
        var known = System.Select(flag => flag.Name).Where(name => sent.Contains(name, StringComparer.OrdinalIgnoreCase));
        return TagList.Of(known.Concat(sent.Where(IsKeyword).Order(StringComparer.Ordinal)));
    }

    private static bool IsKeyword(string flag) =>
        !flag.Equals(Recent, StringComparison.OrdinalIgnoreCase)
        && !System.Any(known => flag.Equals(known.Name, StringComparison.OrdinalIgnoreCase));
}
