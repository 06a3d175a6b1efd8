using System.Globalization;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>An email of a mailbox whose outcome is settled.</summary>
/// <param name="Value">The note in Redis.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="UidValidity">The UIDVALIDITY of its folder.</param>
/// <param name="Epoch">The epoch of its UID.</param>
/// <param name="Uid">Its UID.</param>
internal sealed record SettledNote(RedisValue Value, NoteOutcome Outcome, uint UidValidity, int Epoch, uint Uid)
{
    /// <summary>Reads a note of Redis: outcome:UIDVALIDITY:epoch:UID. Null when it is not one.</summary>
    public static SettledNote? Parse(RedisValue value)
    {
        if (value.ToString().Split(':') is not [[var outcome], var validity, var epoch, var uid])
            return null;
        return Enum.IsDefined((NoteOutcome)outcome)
            && uint.TryParse(validity, NumberStyles.None, CultureInfo.InvariantCulture, out var uidValidity)
            && int.TryParse(epoch, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && uint.TryParse(uid, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && id > 0
            ? new SettledNote(value, (NoteOutcome)outcome, uidValidity, number, id)
            : null;
    }
}
