using System.Globalization;
using EmailIngestion.Messages;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Reads the numbers of a cursor. Somebody may have written anything there.</summary>
internal sealed class CursorFields(string mailbox, RedisKey key, string[] names, RedisValue[] values)
{
    // The year 9999.
    private const long LastTime = 253_402_300_799_999;

    /// <summary>Null where the field is missing.</summary>
    /// <exception cref="DamagedCursorException">It is no number, or none that the field can have.</exception>
    public long? Number(string name, long most)
    {
        var value = values[Array.IndexOf(names, name)];
        if (value.IsNull)
            return null;
        return long.TryParse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most
            ? number
            : throw Damaged($"field '{name}' is '{BoundedText.Line(value.ToString(), 50)}'");
    }

    public DateTimeOffset? Time(string name) => Number(name, LastTime) is { } time ? DateTimeOffset.FromUnixTimeMilliseconds(time) : null;

    /// <exception cref="DamagedCursorException">It is missing, or no number.</exception>
    public long Required(string name, long most) => Number(name, most) ?? throw Damaged($"field '{name}' is missing");

    private DamagedCursorException Damaged(string why) => new(mailbox, key.ToString(), why);
}
