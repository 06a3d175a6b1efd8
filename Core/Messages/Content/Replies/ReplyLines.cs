namespace EmailIngestion.Messages.Content.Replies;

/// <summary>The lines of a text, without a copy of it: a text may have a million of them.</summary>
internal sealed class ReplyLines
{
    private readonly string _text;
    private readonly List<int> _starts = [0];

    public ReplyLines(string text)
    {
        _text = text;
        for (var at = 0; text.AsSpan(at).IndexOf('\n') is >= 0 and var next; at += next + 1)
            _starts.Add(at + next + 1);
    }

    /// <summary>The number of lines: one more than there are line ends.</summary>
    public int Length => _starts.Count;

    /// <summary>A line without its end.</summary>
    public ReadOnlySpan<char> this[int line]
    {
        get
        {
            var end = line + 1 < _starts.Count ? _starts[line + 1] - 1 : _text.Length;
            return _text.AsSpan(_starts[line]..end).TrimEnd('\r');
        }
    }
}
