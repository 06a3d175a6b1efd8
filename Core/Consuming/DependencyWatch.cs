using EmailIngestion.Streams;

namespace EmailIngestion.Consuming;

/// <summary>
/// Decides whether a transient failure is caused by the email or by an outage of the processor's dependency. It also works when too few
/// emails arrive to open the circuit. The email is the cause if the dependency has worked since the email first failed, and no other email
/// has failed since the dependency last worked. It covers this process only.
/// </summary>
internal sealed class DependencyWatch
{
    private const int Remembered = 10_000;

    private readonly Lock _gate = new();
    private readonly RecentEntries<long> _firstFailures = new(Remembered);
    private long _successes;
    private string? _failing;
    private bool _othersFail;

    /// <summary>Records the start of a delivery.</summary>
    /// <returns>A value for <see cref="IsOwn"/>.</returns>
    public long Begin()
    {
        lock (_gate)
            return _successes;
    }

    /// <summary>Records that an email was processed.</summary>
    public void Worked()
    {
        lock (_gate)
        {
            _successes++;
            (_failing, _othersFail) = (null, false);
        }
    }

    /// <summary>Records a transient failure.</summary>
    /// <param name="entry">The entry ID of the email.</param>
    /// <param name="began">The result of <see cref="Begin"/> for this delivery.</param>
    /// <returns>Whether the email caused the failure.</returns>
    public bool IsOwn(string entry, long began)
    {
        lock (_gate)
        {
            if (!_firstFailures.TryGet(entry, out var first))
                _firstFailures.TryAdd(entry, first = began);
            _othersFail |= (_failing ??= entry) != entry;
            return _successes > first && !_othersFail;
        }
    }
}
