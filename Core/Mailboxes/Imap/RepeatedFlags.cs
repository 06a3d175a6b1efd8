namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Reads the flags of emails. Most emails have the flags of the one before, and share its names.</summary>
internal sealed class RepeatedFlags
{
    private byte[] _text = [];
    private IReadOnlyList<string>? _names;

    /// <summary>Reads a list of flags; null when there are none that <see cref="FlagNames"/> keeps.</summary>
    /// <exception cref="UnreadableAnswerException">It is no list, or has something else.</exception>
    public IReadOnlyList<string>? Read(ref FetchLine line)
    {
        var left = line.Left;
        if (_text.Length > 0 && left.StartsWith(_text))
        {
            line.TrySkip(_text);
            return _names;
        }

        _names = FlagNames.Of(line.Words());
        _text = left[..^line.Left.Length].ToArray();
        return _names;
    }
}
