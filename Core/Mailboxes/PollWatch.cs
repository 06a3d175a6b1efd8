using EmailIngestion.Health;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Checks whether polling makes progress. Failures of mail servers or Redis and a pause of the timer do not count as stuck. Faults of this
/// process (no memory, a bug) do: a restart may help.
/// </summary>
internal sealed class PollWatch(Heartbeats heartbeats, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private DateTimeOffset? _checkedAt;
    private bool _ownFault;

    /// <summary>Checks the results of one round of polls.</summary>
    public void Check(IReadOnlyCollection<PollResult> ended)
    {
        var now = time.GetUtcNow();
        if (_checkedAt is null || now - _checkedAt.Value >= Limit)
            heartbeats.Waits(PollService.Loop, false, Limit);
        _checkedAt = now;
        // While a mailbox backs off or is parked, its last failure counts.
        if (ended.Any(result => result.End is not (PollEnd.BackingOff or PollEnd.Parked)))
        {
            _ownFault = ended.Any(result => result.IsOwnFault)
                && ended.All(result => result.IsOwnFault || result.End is PollEnd.BackingOff or PollEnd.Parked);
        }

        heartbeats.Waits(PollService.Loop, _ownFault, Limit);
    }
}
