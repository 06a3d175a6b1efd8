namespace EmailIngestion.Local.Autoscaling;

/// <summary>The lag as KEDA's scaler makes it from Redis's replies.</summary>
internal static class LagRule
{
    /// <summary>What Redis's null is read as: never active, and for the HPA the same as 0.</summary>
    public const long Unknown = -1;

    /// <param name="groups">XINFO GROUPS: each group's name and lag; null when the stream does not exist.</param>
    /// <param name="group">The trigger's group.</param>
    /// <param name="length">XLEN, which stands in for the lag of a group that does not exist: all of the stream is unread.</param>
    public static async Task<long> LagAsync(IReadOnlyCollection<KeyValuePair<string, long?>>? groups, string group, Func<Task<long>> length)
    {
        if (groups is null)
            return 0;
        foreach (var (name, lag) in groups)
        {
            if (name == group)
                return lag ?? Unknown;
        }

        return await length();
    }
}
