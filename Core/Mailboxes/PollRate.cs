namespace EmailIngestion.Mailboxes;

/// <summary>Counts the polls of one mailbox in the last hour, minute by minute.</summary>
internal sealed class PollRate(TimeProvider time)
{
    private const int Minutes = 60;

    private readonly int[] _counts = new int[Minutes];
    private readonly long[] _minutes = new long[Minutes];

    /// <summary>Counts a poll, and returns how many there were in the last hour.</summary>
    public int Add()
    {
        var minute = time.GetTimestamp() / time.TimestampFrequency / 60;
        var slot = (int)(minute % Minutes);
        lock (_counts)
        {
            if (_minutes[slot] != minute)
                (_minutes[slot], _counts[slot]) = (minute, 0);
            _counts[slot]++;
            return Enumerable.Range(0, Minutes).Where(at => _minutes[at] > minute - Minutes).Sum(at => _counts[at]);
        }
    }
}
