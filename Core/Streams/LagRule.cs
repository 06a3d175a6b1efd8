namespace EmailIngestion.Streams;

/// <summary>Computes the lag from the replies of Redis as KEDA's redis-streams scaler does.</summary>
internal static class LagRule
{
    /// <summary>The value for a null lag: never active, and 0 for the HPA.</summary>
    public const long Unknown = -1;

    /// <param name="groups">XINFO GROUPS: each group's name and lag; null when the stream does not exist.</param>
    /// <param name="group">The trigger's group.</param>
    /// <param name="length">Reads XLEN, which is the lag of a group that does not exist: all of the stream is unread.</param>
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
