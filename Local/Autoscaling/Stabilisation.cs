namespace EmailIngestion.Local.Autoscaling;

/// <summary>Smooths the newest recommendation by recent ones.</summary>
internal static class Stabilisation
{
    /// <summary>Scales up to the lowest of the one window, down to the highest of the other, and else keeps the current number.</summary>
    public static int Apply(ScalingBehavior behavior, IReadOnlyList<Timed> recommendations, int current, int newest, DateTimeOffset now)
    {
        var lowest = Within(behavior.Up.Window).Append(newest).Min();
        var highest = Within(behavior.Down.Window).Append(newest).Max();
        return Math.Min(Math.Max(current, lowest), highest);

        IEnumerable<int> Within(TimeSpan window) => recommendations.Where(item => item.At > now - window).Select(item => item.Count);
    }

    /// <summary>Without a behaviour: returns the highest of the window, up or down.</summary>
    public static int Highest(TimeSpan window, IReadOnlyList<Timed> recommendations, int newest, DateTimeOffset now) =>
        recommendations.Where(item => item.At >= now - window).Select(item => item.Count).Append(newest).Max();
}
