using EmailIngestion.Health;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Looks whether polling gets anything done. A mail server that fails excuses it, as Redis does, and a timer that pauses; a fault of this
/// process (no memory, an error of ours) does not: a new start may mend it.
/// </summary>
internal sealed class PollWatch(Heartbeats heartbeats, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private DateTimeOffset? _looked;
    private bool _ownFault;

    public void Look(IReadOnlyCollection<PollResult> ended)
    {
        var now = time.GetUtcNow();
        if (_looked is null || now - _looked.Value >= Limit)
            heartbeats.Waits(PollService.Loop, false, Limit);
        _looked = now;
        // While a mailbox is left alone after a failure, it is that failure which counts.
        if (ended.Any(result => result.End is not PollEnd.BackingOff))
            _ownFault = ended.Any(result => result.IsOwnFault) && ended.All(result => result.IsOwnFault || result.End is PollEnd.BackingOff);
        heartbeats.Waits(PollService.Loop, _ownFault, Limit);
    }
}
