using System.Globalization;
using StackExchange.Redis;

namespace EmailIngestion.Redis;

/// <summary>What <c>INFO memory</c> says, and the limit of the settings.</summary>
/// <param name="Used">Bytes in use; 0 where Redis does not tell.</param>
/// <param name="Max">Bytes allowed: the smaller of <c>maxmemory</c> and <c>Streams:MaxMemoryBytes</c>; 0 = as many as there are.</param>
/// <param name="Policy">What Redis does when they are used up; empty where it does not tell.</param>
/// <param name="Warning">What Redis does not tell and what follows from it; null when it tells all.</param>
public readonly record struct RedisMemory(long Used, long Max, string Policy, string? Warning)
{
    /// <summary>Whether Redis answers INFO.</summary>
    internal bool IsTold { get; private init; }

    /// <summary>The part of the limit in use; 0 where there is no limit.</summary>
    public double Ratio => Max > 0 ? (double)Used / Max : 0;

    /// <summary>The memory of the server that holds this key.</summary>
    /// <param name="database">A connection.</param>
    /// <param name="key">The key.</param>
    /// <param name="limit"><c>Streams:MaxMemoryBytes</c>; 0 = what Redis tells.</param>
    internal static async Task<RedisMemory> ReadAsync(IDatabase database, RedisKey key, long limit) =>
        await database.IdentifyEndpointAsync(key) is { } endpoint
            ? await ReadAsync(database.Multiplexer.GetServer(endpoint), limit)
            : throw new RedisConnectionException(ConnectionFailureType.UnableToConnect, CommandFlags.None, "Redis is not connected.");

    /// <summary>
    /// The memory of a server. It goes on without an answer to INFO, where it is renamed or an ACL forbids it, and without lines that a
    /// managed service leaves out.
    /// </summary>
    /// <param name="server">The server.</param>
    /// <param name="limit"><c>Streams:MaxMemoryBytes</c>; 0 = what Redis tells.</param>
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
            (0, var told) => told,
            (_, 0) => limit,
            (_, var told) => Math.Min(limit, told),
        };
        return new RedisMemory(used ?? 0, allowed, policy, Missing(used, max, limit, policy)) { IsTold = true };

        long? Number(string name) =>
            lines.TryGetValue(name, out var text) && long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private static string Unanswered =>
        "Redis does not answer INFO: how full its memory is and whether it evicts is not known, "
        + "and polling does not stop at Streams:MaxMemoryRatio. Allow INFO (+info), and see to it that maxmemory-policy is noeviction.";

    private static string? Missing(long? used, long? max, long limit, string policy)
    {
        var sentences = new List<string>();
        if (used is null)
            sentences.Add("INFO of Redis does not tell used_memory: polling does not stop at Streams:MaxMemoryRatio.");
        else if (max is null && limit == 0)
        {
            sentences.Add(
                "INFO of Redis does not tell maxmemory: polling does not stop at Streams:MaxMemoryRatio. "
                + "Set Streams:MaxMemoryBytes to what Redis may hold.");
        }

        if (policy.Length == 0)
        {
            sentences.Add(
                "INFO of Redis does not tell maxmemory_policy: whether it evicts queued mail is not known. See to it that it is noeviction.");
        }

        return sentences.Count == 0 ? null : string.Join(' ', sentences);
    }
}
