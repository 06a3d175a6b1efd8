using System.Globalization;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>What <c>INFO memory</c> says.</summary>
/// <param name="Used">Bytes in use.</param>
/// <param name="Max">Bytes allowed; 0 = as many as there are.</param>
/// <param name="Policy">What Redis does when they are used up.</param>
internal readonly record struct RedisMemory(long Used, long Max, string Policy)
{
    /// <summary>The part of <c>maxmemory</c> in use; 0 where Redis has no limit.</summary>
    public double Ratio => Max > 0 ? (double)Used / Max : 0;

    /// <summary>The memory of the server that holds this key.</summary>
    public static async Task<RedisMemory> ReadAsync(IDatabase database, RedisKey key) =>
        await database.IdentifyEndpointAsync(key) is { } endpoint
            ? await ReadAsync(database.Multiplexer.GetServer(endpoint))
            : throw new RedisConnectionException(ConnectionFailureType.UnableToConnect, CommandFlags.None, "Redis is not connected.");

    /// <summary>Zeros and no policy where Redis does not answer INFO: it is renamed, or an ACL forbids it.</summary>
    public static async Task<RedisMemory> ReadAsync(IServer server)
    {
        Dictionary<string, string> lines;
        try
        {
            lines = (await server.InfoAsync("memory")).SelectMany(section => section).ToDictionary(line => line.Key, line => line.Value);
        }
        catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.Refused)
        {
            return new RedisMemory(0, 0, "");
        }

        return new RedisMemory(Number("used_memory"), Number("maxmemory"), lines.GetValueOrDefault("maxmemory_policy", ""));

        long Number(string name) =>
            lines.TryGetValue(name, out var text) && long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}
