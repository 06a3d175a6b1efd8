namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// Counts how often a SEARCH answer goes back to a lower UID. MailKit sorts the UIDs as they arrive, and each UID out of order moves all
/// higher ones.
/// </summary>
internal sealed class ListedUids
{
    /// <summary>The limit: more than any real answer has, even of a server that does not sort.</summary>
    public const int MaxDescents = 65_536;

    private long _number = -1;
    private long _last;
    private int _descents;

    /// <summary>Begins the answer to a call.</summary>
    public void Begin() => _descents = 0;

    /// <summary>Ends a line.</summary>
    public void EndLine() => (_number, _last) = (-1, 0);

    /// <summary>Reads the next byte. Returns false above the limit.</summary>
    public bool Take(byte c)
    {
        if (c is >= (byte)'0' and <= (byte)'9')
        {
            _number = Math.Min((Math.Max(_number, 0) * 10) + (c - '0'), uint.MaxValue);
            return true;
        }

        if (_number < 0)
            return true;
        if (_number < _last)
            _descents++;
        (_last, _number) = (_number, -1);
        return _descents <= MaxDescents;
    }
}
