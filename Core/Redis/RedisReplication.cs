using StackExchange.Redis;

namespace EmailIngestion.Redis;

/// <summary>Whether a primary with replicas accepts writes that none of them has.</summary>
internal static class RedisReplication
{
    /// <summary>Whether the server has replicas and <c>min-replicas-to-write</c> is 0. False if it does not report that.</summary>
    public static async Task<bool> WritesAloneAsync(IServer server)
    {
        try
        {
            var info = await server.InfoRawAsync("replication") ?? "";
            // INFO has the second line only when min-replicas-to-write is set.
            return info.Contains("connected_slaves:", StringComparison.Ordinal)
                && !info.Contains("connected_slaves:0", StringComparison.Ordinal)
                && !info.Contains("min_slaves_good_slaves", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is RedisServerException or RedisCommandException)
        {
            return false;
        }
    }
}
