namespace EmailIngestion.Local.Autoscaling;

/// <summary>The HPA's history: its recommendations and its changes. KEDA's changes are not in it.</summary>
internal sealed record HpaHistory(IReadOnlyList<Timed> Recommendations, IReadOnlyList<Timed> Added, IReadOnlyList<Timed> Removed)
{
    /// <summary>Starts the history with the current number.</summary>
    public static HpaHistory Begin(int current, DateTimeOffset now) => new([new Timed(now, current)], [], []);

    public HpaHistory Recommend(int replicas, DateTimeOffset now, TimeSpan keep) =>
        this with { Recommendations = Append(Recommendations, replicas, now, keep) };

    public HpaHistory Scaled(int from, int to, DateTimeOffset now, TimeSpan keep) => to > from
        ? this with { Added = Append(Added, to - from, now, keep) }
        : this with { Removed = Append(Removed, from - to, now, keep) };

    /// <summary>The replicas at the beginning of a policy's period, computed from the HPA's own changes.</summary>
    public int AtBeginningOf(TimeSpan period, int current, DateTimeOffset now) =>
        current - Within(Added, period, now) + Within(Removed, period, now);

    private static int Within(IReadOnlyList<Timed> changes, TimeSpan period, DateTimeOffset now) =>
        changes.Where(change => change.At > now - period).Sum(change => change.Count);

    private static Timed[] Append(IReadOnlyList<Timed> list, int count, DateTimeOffset now, TimeSpan keep) =>
        [.. list.Where(item => item.At >= now - keep), new Timed(now, count)];
}

internal readonly record struct Timed(DateTimeOffset At, int Count);
