using EmailIngestion.Streams;

namespace EmailIngestion.Consuming;

/// <summary>
/// Exempts an email's failure from the delivery count while the circuit is open: the dependency is the cause. An email gets one exemption
/// per outage. An email that fails again after the circuit has closed may itself open the circuit, and without this limit it would never be
/// counted. It covers this process only: a forgotten entry, or an exemption in another process, only delays the decision.
/// </summary>
internal sealed class OutageExemptions
{
    private const int Remembered = 10_000;

    private readonly Lock _gate = new();
    private readonly RecentEntries<long> _outages = new(Remembered);

    /// <summary>Whether a failure of this entry in this outage is exempt.</summary>
    public bool Take(string entry, long outage)
    {
        lock (_gate)
            return _outages.TryAdd(entry, outage) || (_outages.TryGet(entry, out var exempted) && exempted == outage);
    }
}
