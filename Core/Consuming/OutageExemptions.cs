namespace EmailIngestion.Consuming;

/// <summary>
/// A failure while the circuit is open is the dependency's, and not counted. But once an outage: an email that fails again after the circuit
/// has been closed in between may be what opens it, and would never be counted, circling for ever. Of this process alone; what it forgets,
/// or another process excuses once more, is judged later.
/// </summary>
internal sealed class OutageExemptions
{
    private const int Remembered = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _outages = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>Whether a failure of this entry in this outage is excused.</summary>
    public bool Take(string entry, long outage)
    {
        lock (_gate)
        {
            if (_outages.TryGetValue(entry, out var excused))
                return excused == outage;
            if (_order.Count == Remembered)
                _outages.Remove(_order.Dequeue());
            _order.Enqueue(entry);
            _outages[entry] = outage;
            return true;
        }
    }
}
