namespace EmailIngestion.Messages;

/// <summary>What one pass over the bytes of an email has counted, and what has to be cut before it is parsed.</summary>
internal sealed class MessageStructure
{
    /// <summary>The offset of the first header.</summary>
    public int Start { get; set; }

    /// <summary>There are no headers: all is body.</summary>
    public bool IsBodyOnly { get; set; }

    /// <summary>MIME parts: the lines that begin one. At least as many as a parser makes.</summary>
    public int Parts { get; set; }

    /// <summary>The most multiparts and attached emails around a part. At least what a parser makes.</summary>
    public int Depth { get; set; }

    public long HeaderBytes { get; set; }

    /// <summary>Bytes of the longest header field, with the lines that continue it.</summary>
    public int LongestHeader { get; set; }

    public int Headers { get; set; }

    /// <summary>The most parameters of one Content-Type or Content-Disposition.</summary>
    public int Parameters { get; set; }

    /// <summary>Comparisons of lines with boundaries that a parser makes at most.</summary>
    public long BoundaryChecks { get; set; }

    /// <summary>What is replaced before the parser sees it, in order; null: nothing, as in nearly all mail.</summary>
    public List<Replacement>? Replacements { get; private set; }

    public void Replace(int start, int length, byte[] bytes) => (Replacements ??= []).Add(new Replacement(start, length, bytes));

    /// <summary>The bytes to parse: those of the email itself, or a copy in which what is too long is cut.</summary>
    public ReadOnlyMemory<byte> Bounded(ReadOnlyMemory<byte> raw)
    {
        if (Replacements is null)
            return raw[Start..];
        var copy = new byte[raw.Length - Start + Replacements.Sum(one => one.Bytes.Length - one.Length)];
        var (from, to) = (Start, 0);
        foreach (var (start, length, bytes) in Replacements)
        {
            raw.Span[from..start].CopyTo(copy.AsSpan(to));
            to += start - from;
            bytes.CopyTo(copy, to);
            to += bytes.Length;
            from = start + length;
        }

        raw.Span[from..].CopyTo(copy.AsSpan(to));
        return copy;
    }

    internal readonly record struct Replacement(int Start, int Length, byte[] Bytes);
}
