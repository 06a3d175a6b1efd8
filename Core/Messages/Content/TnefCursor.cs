using System.Buffers.Binary;
using MimeKit.Tnef;

namespace EmailIngestion.Messages.Content;

/// <summary>
/// Reads the pieces of TNEF (MS-OXTNEF) from bytes. MimeKit's reader believes the lengths in the bytes and allocates as much; this one
/// stays within the bytes and copies none.
/// </summary>
internal ref struct TnefCursor(ReadOnlySpan<byte> bytes, Range range)
{
    private const int MultiValued = 0x1000;
    private const int FirstNamedId = 0x8000;

    private readonly ReadOnlySpan<byte> _bytes = bytes[..range.End.Value];
    private int _at = range.Start.Value;

    /// <summary>The number of bytes that follow.</summary>
    public readonly int Left => _bytes.Length - _at;

    public bool TryByte(out byte value)
    {
        var isRead = TryTake(1, out var taken);
        value = isRead ? _bytes[taken][0] : default;
        return isRead;
    }

    public bool TryInt16(out int value)
    {
        var isRead = TryTake(2, out var taken);
        value = isRead ? BinaryPrimitives.ReadUInt16LittleEndian(_bytes[taken]) : default;
        return isRead;
    }

    public bool TryInt32(out int value)
    {
        var isRead = TryTake(4, out var taken);
        value = isRead ? BinaryPrimitives.ReadInt32LittleEndian(_bytes[taken]) : default;
        return isRead;
    }

    /// <summary>Takes this many bytes. Returns false when there are fewer.</summary>
    public bool TryTake(int length, out Range taken)
    {
        taken = _at.._at;
        if (length < 0 || length > Left)
            return false;
        taken = _at..(_at + length);
        _at += length;
        return true;
    }

    /// <summary>Reads the next property. Returns false when it cannot be read; the properties after it cannot be either.</summary>
    public bool TryProperty(out TnefProperty property)
    {
        property = default;
        if (!TryInt16(out var type) || !TryInt16(out var id) || (id >= FirstNamedId && !TrySkipName()))
            return false;
        var single = (TnefPropertyType)(type & ~MultiValued);
        var isVariable = single is TnefPropertyType.String8 or TnefPropertyType.Unicode or TnefPropertyType.Binary
            or TnefPropertyType.Object;
        var count = 1;
        if ((isVariable || (type & MultiValued) != 0) && !TryInt32(out count))
            return false;
        // Values without bytes could have any count. Others take at least four, so that a count beyond that is wrong.
        if (count < 0 || count > (isVariable || Length(single) > 0 ? Left / 4 : 1))
            return false;
        var first = _at.._at;
        for (var i = 0; i < count; i++)
        {
            if (!(isVariable ? TryVariable(out var value) : TryTake(Length(single), out value)))
                return false;
            if (i == 0)
                first = value;
        }

        property = new TnefProperty((TnefPropertyId)id, single, first);
        return true;
    }

    // A length, as many bytes, and blanks up to a multiple of four.
    private bool TryVariable(out Range value)
    {
        value = default;
        if (!TryInt32(out var length) || !TryTake(length, out value))
            return false;
        TryTake(Math.Min(Left, (4 - (length % 4)) % 4), out _);
        return true;
    }

    // A GUID, and a number or a text.
    private bool TrySkipName() =>
        TryTake(16, out _) && TryInt32(out var kind) && (kind == 0 ? TryInt32(out _) : kind == 1 && TryVariable(out _));

    private static int Length(TnefPropertyType type) => type switch
    {
        TnefPropertyType.Unspecified or TnefPropertyType.Null => 0,
        TnefPropertyType.I2 or TnefPropertyType.Long or TnefPropertyType.R4 or TnefPropertyType.Error or TnefPropertyType.Boolean => 4,
        TnefPropertyType.Double or TnefPropertyType.Currency or TnefPropertyType.AppTime or TnefPropertyType.I8
            or TnefPropertyType.SysTime => 8,
        TnefPropertyType.ClassId => 16,
        _ => -1,
    };
}
