using System.Collections.Concurrent;

namespace EmailIngestion.Health;

/// <summary>What the loops of this process last did: the matter of its health.</summary>
internal sealed class Heartbeats(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Pulse> _beats = new(StringComparer.Ordinal);

    /// <summary>
    /// The loop goes round; it will again within the given time. What a timer drives is no loop of ours: its schedule may pause for a night,
    /// and a restart would not wake it.
    /// </summary>
    public void Beat(string loop, TimeSpan silence, bool isLoop = true) =>
        _beats.AddOrUpdate(
            loop,
            static (_, now) => new Pulse(now.Time, now.Silence, null, now.IsLoop, null),
            static (_, last, now) => last with { Last = now.Time, Silence = now.Silence },
            (Time: time.GetUtcNow(), Silence: silence, IsLoop: isLoop));

    /// <summary>The round did what it is there for.</summary>
    public void Succeeded(string loop) => Change(loop, beat => beat with { LastSuccess = time.GetUtcNow() });

    /// <summary>
    /// The loop has work that it can do, and none of it has come to its end since it said so first. False when something has, when there is
    /// none, or when the loop is not to blame. What nobody looks at gets no worse: a timer or a process that pauses is not stuck.
    /// </summary>
    /// <param name="loop">The loop.</param>
    /// <param name="hasWork">Whether it waits for a success now.</param>
    /// <param name="limit">How long that may last.</param>
    public void Waits(string loop, bool hasWork, TimeSpan limit) => Change(
        loop, beat => beat with { Waiting = hasWork ? new Wait(beat.Waiting?.Since ?? time.GetUtcNow(), time.GetUtcNow(), limit) : null });

    /// <summary>The loop ended as it should.</summary>
    public void End(string loop) => _beats.TryRemove(loop, out _);

    /// <summary>Loops that have been silent for longer than they said.</summary>
    public IReadOnlyList<string> Silent() =>
        [.. _beats.Where(beat => beat.Value.IsLoop && time.GetUtcNow() - beat.Value.Last > beat.Value.Silence).Select(beat => beat.Key)];

    /// <summary>Loops that at the last look had had work for longer than they may, and no success; with how long.</summary>
    public IReadOnlyList<(string Loop, TimeSpan For)> Stuck() =>
    [
        .. _beats.Where(beat => beat.Value.Waiting is { } wait && wait.For > wait.Limit).Select(beat => (beat.Key, beat.Value.Waiting!.For)),
    ];

    /// <summary>Loops whose last success is longer ago than they may be silent, or that have had none.</summary>
    public IReadOnlyList<string> Failing() =>
    [
        .. _beats.Where(beat => beat.Value.LastSuccess is not { } success || time.GetUtcNow() - success > beat.Value.Silence)
            .Select(beat => beat.Key),
    ];

    // Two tell of a loop, what it does and what it gets done: neither undoes what the other says.
    private void Change(string loop, Func<Pulse, Pulse> change)
    {
        while (_beats.TryGetValue(loop, out var beat) && !_beats.TryUpdate(loop, change(beat), beat))
        {
        }
    }

    private sealed record Pulse(DateTimeOffset Last, TimeSpan Silence, DateTimeOffset? LastSuccess, bool IsLoop, Wait? Waiting);

    private sealed record Wait(DateTimeOffset Since, DateTimeOffset CheckedAt, TimeSpan Limit)
    {
        public TimeSpan For => CheckedAt - Since;
    }
}
