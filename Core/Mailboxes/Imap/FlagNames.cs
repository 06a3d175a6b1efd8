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

    /// <summary>
    /// The flags and keywords in alphabetical order; null when there are none. <c>\Recent</c> is left out: it says which session saw the
    /// email first (RFC 3501), and nothing of the email.
    /// </summary>
    public static IReadOnlyList<string>? Of(MessageFlags? flags, IEnumerable<string>? keywords)
    {
        var names = System.Where(known => flags?.HasFlag(known.Flag) == true).Select(known => known.Name);
        return TagList.Of(names.Concat((keywords ?? []).Order(StringComparer.Ordinal)));
    }
}
