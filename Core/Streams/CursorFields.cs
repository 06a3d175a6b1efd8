using System.Globalization;
using EmailIngestion.Messages;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Reads the numbers of a cursor. The fields may contain anything, because people can edit them.</summary>
internal sealed class CursorFields(string mailbox, RedisKey key, string[] names, RedisValue[] values)
{
    /// <summary>The last time that a DateTimeOffset can be, in Unix milliseconds: in the year 9999.</summary>
    public const long LastTime = 253_402_300_799_999;

    /// <summary>The field's number. Null when the field is missing.</summary>
    /// <exception cref="DamagedCursorException">The field is not a number, or is out of range.</exception>
    public long? Number(string name, long max)
    {
        var value = values[Array.IndexOf(names, name)];
        if (value.IsNull)
            return null;
        return long.TryParse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= max
            ? number
            : throw Damaged($"field '{name}' is '{BoundedText.Line(value.ToString(), 50)}'");
    }

    /// <summary>The field's time, from Unix milliseconds. Null when the field is missing.</summary>
    public DateTimeOffset? Time(string name) => Number(name, LastTime) is { } time ? DateTimeOffset.FromUnixTimeMilliseconds(time) : null;

    /// <summary>The number of a field that every cursor has.</summary>
    /// <exception cref="DamagedCursorException">The field is missing or is not a number.</exception>
    public long Required(string name, long max) => Number(name, max) ?? throw Damaged($"field '{name}' is missing");

    private DamagedCursorException Damaged(string why) => new(mailbox, key.ToString(), why);
}
