using System.Globalization;

namespace EmailIngestion.Streams;

/// <summary>The progress of a stream's groups, and the position of a mailbox that Redis had at the same moment.</summary>
/// <param name="Needed">The lowest position that a group still needs. Every entry below it is settled.</param>
/// <param name="Last">The position of the last entry that was appended.</param>
/// <param name="Epoch">The epoch of the mailbox's cursor; null without a cursor.</param>
/// <param name="Since">When it began, in Unix milliseconds; null when that is unknown.</param>
/// <param name="Uid">The last UID appended; null without a cursor.</param>
internal sealed record StreamProgress(EntryPosition Needed, EntryPosition Last, long? Epoch, long? Since, long? Uid)
{
    /// <summary>Reads the reply of the script.</summary>
    public static StreamProgress Of(string?[] reply) => new(
        EntryPosition.Parse(reply[0]!), EntryPosition.Parse(reply[1]!), Number(reply[2]), Number(reply[3]), Number(reply[4]));

    /// <summary>
    /// Whether the stream has, or had and has settled, all emails of the mailbox up to this UID. It has not if Redis has lost its data
    /// since this cursor was read, or a failover has set it back.
    /// </summary>
    public bool Includes(MailboxCursor cursor, uint uid) => Last != default
        && Epoch == cursor.Epoch && (Since ?? 0) == cursor.Since.ToUnixTimeMilliseconds() && Uid >= uid;

    // People can edit a cursor.
    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
