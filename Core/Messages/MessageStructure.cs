using EmailIngestion.Messages.Bytes;

namespace EmailIngestion.Messages;

/// <summary>The result of a <see cref="MessageScan"/>: the counts, and the bytes to replace before the email is parsed.</summary>
internal sealed class MessageStructure
{
    /// <summary>The offset of the first header.</summary>
    public int Start { get; set; }

    /// <summary>Whether the email has no headers, only a body.</summary>
    public bool IsBodyOnly { get; set; }

    /// <summary>MIME parts, counted by the lines that begin them. A parser finds at most as many.</summary>
    public int Parts { get; set; }

    /// <summary>The largest number of multiparts and attached emails around a part. A parser finds at most as many.</summary>
    public int Depth { get; set; }

    /// <summary>Bytes of all headers.</summary>
    public long HeaderBytes { get; set; }

    /// <summary>Bytes of the longest header field, with its continuation lines.</summary>
    public int LongestHeader { get; set; }

    /// <summary>Header fields of the email, its parts and its attached emails.</summary>
    public int Headers { get; set; }

    /// <summary>The largest number of parameters of one Content-Type or Content-Disposition.</summary>
    public int Parameters { get; set; }

    /// <summary>Comparisons of lines with boundaries. A parser makes at most as many.</summary>
    public long BoundaryChecks { get; set; }

    /// <summary>The bytes to replace before the parser sees them, in order; null when there are none, as in nearly all mail.</summary>
    public List<Replacement>? Replacements { get; private set; }

    /// <summary>Whether text outside of all parts was cut.</summary>
    public bool IsCutOutside { get; private set; }

    /// <summary>Replaces a header field, behind all earlier replacements.</summary>
    public void ReplaceField(int start, int length, byte[] bytes) =>
        (Replacements ??= []).Add(new Replacement(start, length, bytes, IsField: true));

    /// <summary>Cuts text outside of all parts, behind all earlier replacements.</summary>
    public void CutOutside(int start, int length)
    {
        IsCutOutside = true;
        (Replacements ??= []).Add(new Replacement(start, length, [.. "\r\n"u8], IsField: false));
    }

    /// <summary>The bytes to parse: those of the email itself, or with the replacements.</summary>
    public ByteSource Bounded(ByteSource raw)
    {
        if (Replacements is null)
            return raw.Slice(Start, raw.Length - Start);
        var pieces = new List<ByteSource>();
        var from = Start;
        foreach (var (start, length, bytes, _) in Replacements)
        {
            pieces.Add(raw.Slice(from, start - from));
            pieces.Add(new MemorySource(bytes));
            from = start + length;
        }

        pieces.Add(raw.Slice(from, raw.Length - from));
        return SplicedSource.Of(pieces);
    }

    internal readonly record struct Replacement(int Start, int Length, byte[] Bytes, bool IsField);
}
