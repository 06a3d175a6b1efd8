using System.Buffers.Text;
using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Reads the values of an entry's fields.</summary>
internal static class EntryValues
{
    /// <summary>A field as text. Null when the entry does not have it.</summary>
    public static string? Text<TFields>(this ref TFields fields, RedisValue name)
        where TFields : struct, IEntryFields, allows ref struct =>
        fields.TryFind(name, out var value) ? Encoding.UTF8.GetString(value) : null;

    /// <summary>Reads a field as a whole number. False when it is missing, not a number, or out of range.</summary>
    public static bool TryNumber<TFields>(this ref TFields fields, RedisValue name, long min, long max, out long number)
        where TFields : struct, IEntryFields, allows ref struct
    {
        number = 0;
        return fields.TryFind(name, out var text)
            && Utf8Parser.TryParse(text, out number, out var used) && used == text.Length && number >= min && number <= max;
    }

    /// <summary>Reads a field as a date, UTC unless it names an offset. False when it is missing, or not a date.</summary>
    public static bool TryDate<TFields>(this ref TFields fields, RedisValue name, out DateTimeOffset date)
        where TFields : struct, IEntryFields, allows ref struct
    {
        date = default;
        if (!fields.TryFind(name, out var text))
            return false;
        // The form in which this product writes it is read at a tenth of the cost. Without an offset, Utf8Parser would read local time.
        return (text.EndsWith("Z"u8) && Utf8Parser.TryParse(text, out date, out var used, 'O') && used == text.Length)
            || DateTimeOffset.TryParse(
                Encoding.UTF8.GetString(text), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out date);
    }
}
