namespace EmailIngestion.Messages.Content.Replies;

/// <summary>The lines of a text, without a copy of it: a text may have a million of them.</summary>
internal sealed class ReplyLines
{
    private readonly string _text;

    // The first line starts at 0. Behind the last line another one would start.
    private readonly int[] _starts;

    public ReplyLines(string text)
    {
        _text = text;
        _starts = new int[text.AsSpan().Count('\n') + 2];
        for (var line = 1; line < Length; line++)
            _starts[line] = text.IndexOf('\n', _starts[line - 1]) + 1;
        _starts[Length] = text.Length + 1;
    }

    /// <summary>The number of lines: one more than there are line ends.</summary>
    public int Length => _starts.Length - 1;

    /// <summary>A line without its end.</summary>
    public ReadOnlySpan<char> this[int line] => First(line + 1)[_starts[line]..].TrimEnd('\r');

    /// <summary>The first lines as they are in the text, without the end of the last one.</summary>
    public ReadOnlySpan<char> First(int count) => _text.AsSpan(0, Math.Max(0, _starts[count] - 1));
}
