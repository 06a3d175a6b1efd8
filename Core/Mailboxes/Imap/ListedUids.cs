namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// Counts how often a SEARCH answer goes back to a lower UID. MailKit keeps the UIDs in order, and each that comes too late moves all
/// above it.
/// </summary>
internal sealed class ListedUids
{
    /// <summary>Enough for any answer of a server that does not sort a folder of this size.</summary>
    public const int MaxDescents = 65_536;

    private long _number = -1;
    private long _last;
    private int _descents;

    public void Begin() => _descents = 0;

    public void EndLine() => (_number, _last) = (-1, 0);

    /// <summary>Takes the next byte; false: too often.</summary>
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
