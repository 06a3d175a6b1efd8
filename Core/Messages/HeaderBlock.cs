using System.Runtime.InteropServices;
using System.Text;
using MimeKit;

namespace EmailIngestion.Messages;

/// <summary>
/// Collects what the headers of one part say about its structure. A boundary may come before the empty line that ends the headers. The
/// fields before it still count then, since a parser may not have seen that boundary.
/// </summary>
internal sealed class HeaderBlock
{
    private static readonly byte[][] Encodings =
        [.. new[] { "base64", "quoted-printable", "uuencode", "x-uuencode", "x-uue" }.Select(Encoding.ASCII.GetBytes)];

    private readonly List<(string Boundary, bool IsDigest)> _multiparts = [];
    private int _parts;
    private bool _isInDigest;
    private int _types;
    private bool _hasEmailType;
    private bool _isEncoded;
    private bool _hasPlainEncoding;

    /// <summary>Whether a boundary began the block.</summary>
    public bool IsPart => _parts > 0;

    /// <summary>Whether there is more than one Content-Type. The parser takes the first.</summary>
    public bool IsAmbiguous => _types > 1;

    /// <summary>Whether the content is an email with its own headers. An encoded email is an ordinary attachment.</summary>
    public bool IsEmail => _hasEmailType && !(_isEncoded && !_hasPlainEncoding && _parts <= 1);

    /// <summary>Begins the headers after an empty line: those of an attached email, if there is one.</summary>
    public void Begin() =>
        (_parts, _isInDigest, _types, _hasEmailType, _isEncoded, _hasPlainEncoding) = (0, false, 0, false, false, false);

    /// <summary>Begins the headers of a part.</summary>
    public void BeginPart(bool isInDigest) => (_parts, _isInDigest, _types) = (_parts + 1, isInDigest, 0);

    public void Add(ReadOnlyMemory<byte> field, FieldKind kind)
    {
        if (kind == FieldKind.Parameters && (field.Span[8] | 0x20) == 't')
            AddType(field);
        else if (kind == FieldKind.Short && FieldKinds.IsNamed(field.Span, "Content-Transfer-Encoding"u8))
            AddEncoding(Value(field).Span);
    }

    /// <summary>Ends the headers and returns the multiparts that they declare.</summary>
    public IReadOnlyList<(string Boundary, bool IsDigest)> Close()
    {
        _hasEmailType |= _isInDigest && _types == 0;
        if (_multiparts.Count == 0)
            return [];
        var declared = _multiparts.ToArray();
        _multiparts.Clear();
        return declared;
    }

    private void AddType(ReadOnlyMemory<byte> field)
    {
        _types++;
        var value = Value(field);
        if (IsSimple(value.Span.TrimStart(" \t\r\n"u8)) || !MemoryMarshal.TryGetArray(value, out var bytes))
            return;
        // Uses the parser of the email itself, so that quotes, comments, folds, continuations and encoded words are read the same way.
        ContentType.TryParse(ParserOptions.Default, bytes.Array!, bytes.Offset, bytes.Count, out var type);
        if (type is null)
            return;
        if (type.IsMimeType("multipart", "*") && type.Boundary is { } boundary)
            _multiparts.Add((boundary, type.IsMimeType("multipart", "digest")));
        _hasEmailType |= type.IsMimeType("message", "*")
            && type.MediaSubtype.ToUpperInvariant() is "RFC822" or "GLOBAL" or "NEWS" or "EXTERNAL-BODY" or "RFC2822";
    }

    private void AddEncoding(ReadOnlySpan<byte> value)
    {
        value = value.Trim(" \t\r\n"u8);
        var encoded = false;
        foreach (var encoding in Encodings)
            encoded |= Ascii.EqualsIgnoreCase(value, encoding);
        _isEncoded |= encoded;
        _hasPlainEncoding |= !encoded;
    }

    // The most frequent types. They have no parts.
    private static bool IsSimple(ReadOnlySpan<byte> value) =>
        StartsWith(value, "text/"u8) || StartsWith(value, "image/"u8) || StartsWith(value, "application/"u8);

    private static bool StartsWith(ReadOnlySpan<byte> value, ReadOnlySpan<byte> start) =>
        value.Length >= start.Length && Ascii.EqualsIgnoreCase(value[..start.Length], start);

    private static ReadOnlyMemory<byte> Value(ReadOnlyMemory<byte> field) => field[(field.Span.IndexOf((byte)':') + 1)..];
}
