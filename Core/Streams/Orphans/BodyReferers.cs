using EmailIngestion.Bodies;
using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams.Orphans;

/// <summary>Asks Redis which bodies of a partition something refers to.</summary>
internal sealed class BodyReferers(StreamKeys keys, RedisConnection connection)
{
    /// <summary>The most names of one question. Redis serves no other client meanwhile.</summary>
    public const int AtOnce = 100;

    /// <summary>
    /// Finds which bodies are free: nothing refers to them. A referer that somebody has deleted from Redis does not count, and is
    /// forgotten.
    /// </summary>
    /// <param name="bodies">At most <see cref="AtOnce"/>.</param>
    /// <param name="cancellationToken">Ends the wait for Redis.</param>
    public Task<IReadOnlyList<StoredBody>> FreeAsync(IReadOnlyList<StoredBody> bodies, CancellationToken cancellationToken) =>
        FreeAsync(bodies, keepReleased: false, cancellationToken);

    /// <summary>
    /// Finds which bodies are orphans: free, and not released. <see cref="BodyCleaner"/> deletes the released ones after a minute.
    /// </summary>
    /// <param name="bodies">At most <see cref="AtOnce"/>.</param>
    /// <param name="cancellationToken">Ends the wait for Redis.</param>
    public Task<IReadOnlyList<StoredBody>> OrphansAsync(IReadOnlyList<StoredBody> bodies, CancellationToken cancellationToken) =>
        FreeAsync(bodies, keepReleased: true, cancellationToken);

    private async Task<IReadOnlyList<StoredBody>> FreeAsync(
        IReadOnlyList<StoredBody> bodies, bool keepReleased, CancellationToken cancellationToken)
    {
        var (_, referred) = await AskAsync([.. bodies.Select(body => body.Name)], keepReleased, cancellationToken);
        return [.. bodies.Where((_, at) => !referred[at])];
    }

    /// <summary>
    /// Since when Redis has known all referers. A body that was last written before may have referers that Redis has lost, as when somebody
    /// deleted the hash.
    /// </summary>
    public async Task<DateTimeOffset> SinceAsync(CancellationToken cancellationToken) =>
        (await AskAsync([], keepReleased: false, cancellationToken)).Since;

    /// <summary>The bodies outside Redis that nothing has referred to for some time, the oldest first.</summary>
    /// <param name="age">That time.</param>
    /// <param name="skipped">How many of the oldest to leave out.</param>
    /// <param name="handled">What was returned before and is handled: it is forgotten.</param>
    /// <param name="cancellationToken">Ends the wait for Redis.</param>
    public async Task<IReadOnlyList<RedisValue>> ReleasedAsync(
        TimeSpan age, int skipped, IReadOnlyList<RedisValue> handled, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return (RedisValue[])(await database.ScriptEvaluateAsync(
            Scripts.ReleasedBodies, [keys.Bodies.Released], [(long)age.TotalMilliseconds, AtOnce, skipped, .. handled]))!;
    }

    private async Task<(DateTimeOffset Since, bool[] Referred)> AskAsync(
        string[] names, bool keepReleased, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var reply = (long[])(await database.ScriptEvaluateAsync(
            Scripts.BodyReferers,
            [keys.Bodies.Referers, keys.Stream, keys.DeadLetters, keys.Bodies.Released],
            [keepReleased ? 1 : 0, .. names.Select(name => (RedisValue)name)]))!;
        return (DateTimeOffset.FromUnixTimeMilliseconds(reply[0]), [.. reply[1..].Select(found => found == 1)]);
    }
}
