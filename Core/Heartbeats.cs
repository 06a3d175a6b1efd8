using System.Collections.Concurrent;

namespace EmailIngestion;

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
            static (_, now) => new Pulse(now.Time, now.Silence, null, now.IsLoop),
            static (_, last, now) => last with { Last = now.Time, Silence = now.Silence },
            (Time: time.GetUtcNow(), Silence: silence, IsLoop: isLoop));

    /// <summary>The round did what it is there for.</summary>
    public void Succeeded(string loop)
    {
        if (_beats.TryGetValue(loop, out var beat))
            _beats[loop] = beat with { LastSuccess = time.GetUtcNow() };
    }

    /// <summary>The loop ended as it should.</summary>
    public void End(string loop) => _beats.TryRemove(loop, out _);

    /// <summary>Loops that have been silent for longer than they said.</summary>
    public IReadOnlyList<string> Silent() =>
        [.. _beats.Where(beat => beat.Value.IsLoop && time.GetUtcNow() - beat.Value.Last > beat.Value.Silence).Select(beat => beat.Key)];

    /// <summary>Loops whose last success is longer ago than they may be silent, or that have had none.</summary>
    public IReadOnlyList<string> Failing() =>
    [
        .. _beats.Where(beat => beat.Value.LastSuccess is not { } success || time.GetUtcNow() - success > beat.Value.Silence)
            .Select(beat => beat.Key),
    ];

    private sealed record Pulse(DateTimeOffset Last, TimeSpan Silence, DateTimeOffset? LastSuccess, bool IsLoop);
}
