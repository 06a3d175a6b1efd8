using System.Globalization;
using StackExchange.Redis;

namespace EmailIngestion.Redis;

/// <summary>The memory of a Redis server, as <c>INFO memory</c> and the settings report it.</summary>
/// <param name="Used">Bytes in use; 0 when Redis does not report them.</param>
/// <param name="Max">Bytes allowed: the smaller of <c>maxmemory</c> and <c>Streams:MaxMemoryBytes</c>; 0 = no limit.</param>
/// <param name="Policy">The <c>maxmemory-policy</c>; empty when Redis does not report it.</param>
/// <param name="Warning">What Redis does not report and what follows from it; null when it reports everything.</param>
public readonly record struct RedisMemory(long Used, long Max, string Policy, string? Warning)
{
    /// <summary>Whether Redis answers INFO.</summary>
    internal bool IsReported { get; private init; }

    /// <summary>The used part of the limit, 0 to 1; 0 without a limit.</summary>
    public double Ratio => Max > 0 ? (double)Used / Max : 0;

    /// <summary>Reads the memory of the server that has this key.</summary>
    /// <param name="database">A connection.</param>
    /// <param name="key">The key.</param>
    /// <param name="limit"><c>Streams:MaxMemoryBytes</c>; 0 = the limit that Redis reports.</param>
    internal static async Task<RedisMemory> ReadAsync(IDatabase database, RedisKey key, long limit) =>
        await ReadAsync(database.Multiplexer.PrimaryOf(key), limit);

    /// <summary>
    /// Reads the memory of a server. It works without an answer to INFO, when INFO is renamed or an ACL forbids it, and without the lines
    /// that a managed service omits.
    /// </summary>
    /// <param name="server">The server.</param>
    /// <param name="limit"><c>Streams:MaxMemoryBytes</c>; 0 = the limit that Redis reports.</param>
    internal static async Task<RedisMemory> ReadAsync(IServer server, long limit)
    {
        Dictionary<string, string> lines;
        try
        {
            lines = (await server.InfoAsync("memory")).SelectMany(section => section).ToDictionary(line => line.Key, line => line.Value);
        }
        catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.Refused)
        {
            return new RedisMemory(0, limit, "", Unanswered);
        }

        var (used, max, policy) = (Number("used_memory"), Number("maxmemory"), lines.GetValueOrDefault("maxmemory_policy", ""));
        var allowed = (limit, max ?? 0) switch
        {
            (0, var reported) => reported,
            (_, 0) => limit,
            (_, var reported) => Math.Min(limit, reported),
        };
        return new RedisMemory(used ?? 0, allowed, policy, Missing(used, max, limit, policy)) { IsReported = true };

        long? Number(string name) =>
            lines.TryGetValue(name, out var text) && long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private static string Unanswered =>
        "Redis does not answer INFO: its used memory and its maxmemory-policy are unknown, "
        + "and polling does not stop at Streams:MaxMemoryRatio. Allow INFO (+info) and set maxmemory-policy to noeviction.";

    private static string? Missing(long? used, long? max, long limit, string policy)
    {
        var sentences = new List<string>();
        if (used is null)
            sentences.Add("INFO of Redis does not report used_memory: polling does not stop at Streams:MaxMemoryRatio.");
        else if (max is null && limit == 0)
        {
            sentences.Add(
                "INFO of Redis does not report maxmemory: polling does not stop at Streams:MaxMemoryRatio. "
                + "Set Streams:MaxMemoryBytes to the bytes that Redis may use.");
        }

        if (policy.Length == 0)
        {
            sentences.Add(
                "INFO of Redis does not report maxmemory_policy: Redis may evict queued emails. Set maxmemory-policy to noeviction.");
        }

        return sentences.Count == 0 ? null : string.Join(' ', sentences);
    }
}
