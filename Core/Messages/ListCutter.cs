namespace EmailIngestion.Messages;

/// <summary>Cuts header fields that are lists: between two items, and within an item beyond its own bound.</summary>
internal static class ListCutter
{
    // For each item without a domain, the parser searches to the end of the list for an address whose name it may be.
    private const int MaxWithoutDomain = 64;

    /// <summary>The list with the addresses that fit. An address with too long a name loses the name. Null when all fit.</summary>
    public static byte[]? Addresses(ReadOnlySpan<byte> field)
    {
        if (field.Length <= FieldCutter.MaxAddress)
            return null;
        var cut = new CutField(field, FieldCutter.MaxAddresses);
        var name = field[..(field.IndexOf((byte)':') + 1)];
        cut.Add(name, name.Length);
        var list = field[name.Length..];
        var withoutDomain = 0;
        foreach (var item in new ListItems(list, (byte)','))
        {
            var address = list[item];
            if (!address.Contains((byte)'@') && ++withoutDomain > MaxWithoutDomain)
                cut.Add([], address.Length);
            else if (address.Length <= FieldCutter.MaxAddress)
                cut.Add(address, address.Length);
            else
                cut.Add(BareAddress(address), address.Length);
        }

        return cut.Result();
    }

    /// <summary>The parameters that fit, each cut to its bound. Null when all fit.</summary>
    public static byte[]? Parameters(ReadOnlySpan<byte> field)
    {
        var cut = new CutField(field, FieldCutter.MaxParameters);
        foreach (var item in new ListItems(field, (byte)';'))
        {
            var parameter = field[item];
            var keep = FieldCutter.Keep(parameter, FieldCutter.MaxParameter);
            if (keep == parameter.Length)
                cut.Add(parameter, parameter.Length);
            else
                cut.Add(Closed(parameter[..WithoutHalfEscape(parameter, keep)]), parameter.Length);
        }

        return cut.Result();
    }

    private static byte[] BareAddress(ReadOnlySpan<byte> item)
    {
        var end = item.LastIndexOf((byte)'>');
        var start = end < 0 ? -1 : item[..end].LastIndexOf((byte)'<');
        var comma = item[^1] == (byte)',' ? 1 : 0;
        return start < 0 || end - start > FieldCutter.MaxAddress / 2 ? [] : [.. item[start..(end + 1)], .. item[^comma..]];
    }

    // %XX is a byte of a value (RFC 2231); \x is a quoted character.
    private static int WithoutHalfEscape(ReadOnlySpan<byte> parameter, int keep)
    {
        var percent = parameter[Math.Max(0, keep - 2)..keep].IndexOf((byte)'%');
        if (percent >= 0)
            keep = Math.Max(0, keep - 2) + percent;
        while (keep > 0 && parameter[keep - 1] == (byte)'\\')
            keep--;
        return keep;
    }

    private static byte[] Closed(ReadOnlySpan<byte> parameter)
    {
        var text = parameter.TrimEnd(" \t\r\n"u8);
        return text.Contains((byte)'"') ? [.. text, .. "\";"u8] : [.. text, (byte)';'];
    }
}
