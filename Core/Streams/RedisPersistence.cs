using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>What Redis keeps on disk.</summary>
/// <param name="AppendOnly">Whether it keeps an append-only file; null when it does not say.</param>
/// <param name="Saves">Whether it saves snapshots; null when it does not say.</param>
internal readonly record struct RedisPersistence(bool? AppendOnly, bool? Saves)
{
    /// <summary>What a restart of this Redis loses; null when it keeps an append-only file, or does not say.</summary>
    public string? Warning => (AppendOnly, Saves) switch
    {
        (false, false) => "Redis keeps nothing on disk (appendonly no, save \"\"): when it restarts, the queue, the dead letters and the processed ids are gone. Set appendonly yes there.",
        (false, _) => "Redis has appendonly no: when it crashes, what came after its last snapshot is gone. Set appendonly yes there.",
        _ => null,
    };

    public static async Task<RedisPersistence> ReadAsync(IServer server)
    {
        var info = await server.InfoRawAsync("persistence") ?? "";
        bool? appendOnly = info.Contains("aof_enabled:", StringComparison.Ordinal) ? info.Contains("aof_enabled:1", StringComparison.Ordinal) : null;
        return new RedisPersistence(appendOnly, appendOnly == false ? await SavesAsync(server) : null);
    }

    // INFO does not tell the save points, and many a managed Redis does not let users read its configuration.
    private static async Task<bool?> SavesAsync(IServer server)
    {
        try
        {
            return (await server.ExecuteAsync("CONFIG", "GET", "save")) is { Length: 2 } answer ? answer[1].ToString().Length > 0 : null;
        }
        catch (RedisServerException)
        {
            return null;
        }
        catch (RedisCommandException)
        {
            return null;
        }
    }
}
