namespace EmailIngestion.Local.Autoscaling;

/// <summary>What recent recommendations make of the newest one.</summary>
internal static class Stabilisation
{
    /// <summary>Up to the lowest of one window, down to the highest of the other, and else where it is.</summary>
    public static int Apply(ScalingBehavior behavior, IReadOnlyList<Timed> recommendations, int current, int newest, DateTimeOffset now)
    {
        var lowest = Within(behavior.Up.Window).Append(newest).Min();
        var highest = Within(behavior.Down.Window).Append(newest).Max();
        return Math.Min(Math.Max(current, lowest), highest);

        IEnumerable<int> Within(TimeSpan window) => recommendations.Where(item => item.At > now - window).Select(item => item.Count);
    }

    /// <summary>Without a behaviour: the highest of the window, whichever way that leads.</summary>
    public static int Highest(TimeSpan window, IReadOnlyList<Timed> recommendations, int newest, DateTimeOffset now) =>
        recommendations.Where(item => item.At >= now - window).Select(item => item.Count).Append(newest).Max();
}
