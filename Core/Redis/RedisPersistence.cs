using StackExchange.Redis;

namespace EmailIngestion.Redis;

/// <summary>How Redis keeps its data on disk.</summary>
/// <param name="AppendOnly">Whether it keeps an append-only file; null when it does not report that.</param>
/// <param name="Saves">Whether it saves snapshots; null when it does not report that.</param>
internal readonly record struct RedisPersistence(bool? AppendOnly, bool? Saves)
{
    /// <summary>What a restart of this Redis loses. Null when it keeps an append-only file or does not report it.</summary>
    public string? Warning => (AppendOnly, Saves) switch
    {
        (false, false) =>
            "Redis keeps nothing on disk (appendonly no, save \"\"): when it restarts, "
            + "the queue, the dead letters and the processed ids are lost. Set appendonly yes there.",
        (false, _) =>
            "Redis has appendonly no: when it crashes, everything written after its last snapshot is lost. Set appendonly yes there.",
        _ => null,
    };

    public static async Task<RedisPersistence> ReadAsync(IServer server)
    {
        var info = await TryAsync(async () => await server.InfoRawAsync("persistence")) ?? "";
        bool? appendOnly = info.Contains("aof_enabled:", StringComparison.Ordinal)
            ? info.Contains("aof_enabled:1", StringComparison.Ordinal)
            : null;
        return new RedisPersistence(appendOnly, appendOnly == false ? await SavesAsync(server) : null);
    }

    // INFO does not report the save points.
    private static Task<bool?> SavesAsync(IServer server) => TryAsync(async () =>
        await server.ExecuteAsync("CONFIG", "GET", "save") is { Length: 2 } answer ? answer[1].ToString().Length > 0 : (bool?)null);

    // Many managed services do not allow CONFIG, and an ACL may forbid INFO.
    private static async Task<T?> TryAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (e is RedisServerException or RedisCommandException)
        {
            return default;
        }
    }
}
