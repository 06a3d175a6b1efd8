using System.Collections.Concurrent;

namespace EmailIngestion.Health;

/// <summary>Tracks when each loop of this process last ran and last succeeded.</summary>
/// <param name="time">The clock.</param>
/// <param name="expected">
/// The loops that this process is going to run. Until its first success such a loop is failing, also before its first beat: otherwise a
/// process would be ready before it has begun. It is not silent before its first beat, since a start may take long.
/// </param>
internal sealed class Heartbeats(TimeProvider time, params IEnumerable<string> expected)
{
    private static readonly Pulse Expected = new(null, TimeSpan.Zero, null, IsLoop: true, HasEnded: false, null);

    private readonly ConcurrentDictionary<string, Pulse> _beats = new(
        expected.Select(loop => KeyValuePair.Create(loop, Expected)), StringComparer.Ordinal);

    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether each expected loop has had its first success.</summary>
    public bool HaveBegun => _beats.Values.All(beat => !beat.IsLoop || beat.LastSuccess is not null);

    /// <summary>Records that a loop runs.</summary>
    /// <param name="loop">The loop's name.</param>
    /// <param name="silence">The longest time until its next beat. After it the loop is silent.</param>
    /// <param name="isLoop">
    /// False for work that a timer starts: it is never silent, since its schedule may pause for a night and a restart would not start it.
    /// </param>
    public void Beat(string loop, TimeSpan silence, bool isLoop = true) =>
        _beats.AddOrUpdate(
            loop,
            static (_, now) => new Pulse(now.Time, now.Silence, null, now.IsLoop, HasEnded: false, null),
            static (_, last, now) => last with { Last = now.Time, Silence = now.Silence },
            (Time: time.GetUtcNow(), Silence: silence, IsLoop: isLoop));

    /// <summary>Records that a pass of the loop succeeded.</summary>
    public void Succeeded(string loop)
    {
        Change(loop, beat => beat with { LastSuccess = time.GetUtcNow() });
        if (!_begun.Task.IsCompleted && HaveBegun)
            _begun.TrySetResult();
    }

    /// <summary>
    /// Records that a pass of the loop has ended, whatever its result. Work that a timer starts is not failing before its first pass has
    /// ended.
    /// </summary>
    public void Ended(string loop) => Change(loop, beat => beat with { HasEnded = true });

    /// <summary>
    /// Records whether the loop has work without success. The time counts from the first call with true to the last one, so a timer or a
    /// process that pauses does not become stuck.
    /// </summary>
    /// <param name="loop">The loop's name.</param>
    /// <param name="hasWork">
    /// True if the loop has work that it can do. False if it has none, if some work has ended, or if the loop is not the cause.
    /// </param>
    /// <param name="limit">The time after which the loop is stuck.</param>
    public void Waits(string loop, bool hasWork, TimeSpan limit) => Change(
        loop,
        beat => beat with
        {
            Waiting = hasWork ? new Wait(beat.Waiting?.Since ?? time.GetUtcNow(), time.GetUtcNow(), limit) : null,
        });

    /// <summary>Waits until the expected loops have begun, at most for the given time. A stop ends the wait.</summary>
    public async Task UntilBegunAsync(TimeSpan longest, CancellationToken stop) =>
        await _begun.Task.WaitAsync(longest, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>Removes a loop that has ended normally.</summary>
    public void Remove(string loop) => _beats.TryRemove(loop, out _);

    /// <summary>Returns the loops that have been silent for too long.</summary>
    public IReadOnlyList<string> Silent() =>
        [.. _beats.Where(beat => beat.Value.IsLoop && time.GetUtcNow() - beat.Value.Last > beat.Value.Silence).Select(beat => beat.Key)];

    /// <summary>Returns the loops that have had work without success for longer than their limit, each with that time.</summary>
    public IReadOnlyList<(string Loop, TimeSpan For)> Stuck() =>
    [
        .. _beats.Where(beat => beat.Value.Waiting is { } wait && wait.For > wait.Limit)
            .Select(beat => (beat.Key, beat.Value.Waiting!.For)),
    ];

    /// <summary>Returns the loops without a success within their silence time, each with whether it has ever had one.</summary>
    public IReadOnlyList<(string Loop, bool HasSucceeded)> Failing() =>
    [
        .. _beats.Where(beat => beat.Value.IsFailing(time.GetUtcNow()))
            .Select(beat => (beat.Key, beat.Value.LastSuccess is not null)),
    ];

    // The loop and its progress watch update the same pulse. The compare-and-swap keeps both changes.
    private void Change(string loop, Func<Pulse, Pulse> change)
    {
        while (_beats.TryGetValue(loop, out var beat) && !_beats.TryUpdate(loop, change(beat), beat))
        {
        }
    }

    private sealed record Pulse(
        DateTimeOffset? Last, TimeSpan Silence, DateTimeOffset? LastSuccess, bool IsLoop, bool HasEnded, Wait? Waiting)
    {
        public bool IsFailing(DateTimeOffset now) => LastSuccess is { } success ? now - success > Silence : IsLoop || HasEnded;
    }

    private sealed record Wait(DateTimeOffset Since, DateTimeOffset CheckedAt, TimeSpan Limit)
    {
        public TimeSpan For => CheckedAt - Since;
    }
}
