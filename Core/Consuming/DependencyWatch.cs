namespace EmailIngestion.Consuming;

/// <summary>
/// Tells an email's own transient failure from an outage of the processor's dependency, also where mail comes too seldom for the circuit to
/// open. The failure is the email's own when the dependency has worked since the email first failed, and no other email has failed since it
/// last worked. Of this process alone.
/// </summary>
internal sealed class DependencyWatch
{
    private const int Remembered = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _firstFailures = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();
    private long _successes;
    private string? _failing;
    private bool _othersFail;

    /// <summary>Takes note that a delivery begins; the result is for <see cref="IsOwn"/>.</summary>
    public long Begin()
    {
        lock (_gate)
            return _successes;
    }

    /// <summary>Takes note that an email was processed.</summary>
    public void Worked()
    {
        lock (_gate)
        {
            _successes++;
            (_failing, _othersFail) = (null, false);
        }
    }

    /// <summary>Takes note of a transient failure and tells whether it is the email's own.</summary>
    /// <param name="entry">The email's entry.</param>
    /// <param name="began">What <see cref="Begin"/> has answered for this delivery.</param>
    public bool IsOwn(string entry, long began)
    {
        lock (_gate)
        {
            if (!_firstFailures.TryGetValue(entry, out var first))
                Remember(entry, first = began);
            _othersFail |= (_failing ??= entry) != entry;
            return _successes > first && !_othersFail;
        }
    }

    private void Remember(string entry, long began)
    {
        if (_order.Count == Remembered)
            _firstFailures.Remove(_order.Dequeue());
        _order.Enqueue(entry);
        _firstFailures[entry] = began;
    }
}
