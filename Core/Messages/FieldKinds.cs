using System.Text;

namespace EmailIngestion.Messages;

/// <summary>Finds the kind of a header field by its name.</summary>
internal static class FieldKinds
{
    /// <summary>The kind of a field. The field begins with its name.</summary>
    public static FieldKind Of(ReadOnlySpan<byte> field)
    {
        var colon = field.IndexOf((byte)':');
        var name = field[..Math.Max(0, colon)].TrimEnd(" \t"u8);
        // The length comes first, so that most fields need no comparison.
        return name.Length switch
        {
            2 when Is(name, "To"u8) || Is(name, "Cc"u8) => FieldKind.Addresses,
            3 when Is(name, "Bcc"u8) => FieldKind.Addresses,
            4 when Is(name, "From"u8) => FieldKind.Addresses,
            4 when Is(name, "Date"u8) => FieldKind.Short,
            6 when Is(name, "Sender"u8) => FieldKind.Addresses,
            7 when Is(name, "Subject"u8) => FieldKind.Subject,
            8 when Is(name, "Reply-To"u8) => FieldKind.Addresses,
            10 when Is(name, "Message-ID"u8) => FieldKind.Short,
            10 when Is(name, "References"u8) => FieldKind.References,
            11 when Is(name, "In-Reply-To"u8) => FieldKind.Short,
            12 when Is(name, "Content-Type"u8) => FieldKind.Parameters,
            12 when Is(name, "MIME-Version"u8) => FieldKind.Short,
            19 when Is(name, "Content-Disposition"u8) => FieldKind.Parameters,
            _ when StartsWith(name, "Content-"u8) => FieldKind.Short,
            _ when StartsWith(name, "Resent-"u8) => name.Length is 11 or 17 ? FieldKind.Short : FieldKind.Addresses,
            _ when Is(name, "Disposition-Notification-To"u8) => FieldKind.Addresses,
            _ => FieldKind.Other,
        };
    }

    /// <summary>Whether a field has this name. Blanks are allowed before the colon.</summary>
    public static bool IsNamed(ReadOnlySpan<byte> field, ReadOnlySpan<byte> name) =>
        field.Length > name.Length && Is(field[..name.Length], name) && field[name.Length..].TrimStart(" \t"u8) is [(byte)':', ..];

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> other) => Ascii.EqualsIgnoreCase(name, other);

    private static bool StartsWith(ReadOnlySpan<byte> name, ReadOnlySpan<byte> start) =>
        name.Length >= start.Length && Is(name[..start.Length], start);
}
