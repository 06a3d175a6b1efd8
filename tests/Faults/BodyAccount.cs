using EmailIngestion.Bodies;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Orphans;
using StackExchange.Redis;

namespace EmailIngestion.Faults;

/// <summary>
/// Walks the stream, the dead letters, the hash of referers and the stores at the end of a run: each reference has its body, and each body
/// is referred to or is deleted by the passes that delete what nothing refers to.
/// </summary>
internal static class BodyAccount
{
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(1);

    /// <summary>Begins the account before the first body is written.</summary>
    public static Task BeginAsync(StreamPartition partition, RedisConnection connection, CancellationToken cancellationToken) =>
        new BodyReferers(partition.Keys, connection).SinceAsync(cancellationToken);

    public static async Task<IReadOnlyList<string>> TroublesAsync(
        StreamPartition partition, RedisConnection connection, TimeProvider time, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var keys = partition.Keys;
        var troubles = new List<string>();
        var known = await ReferersAsync(database, keys);
        var referred = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (prefix, stream) in new[] { ("s:", keys.Stream), ("d:", keys.DeadLetters) })
        {
            foreach (var entry in await database.StreamRangeAsync(stream))
            {
                if (EntryCodec.ReferenceOf(entry.Values) is not { } body)
                    continue;
                // What is settled and not trimmed yet has given up its body.
                var referer = $"{prefix}{entry.Id}";
                if (!known.TryGetValue(body.Name, out var all) || !all.Contains(referer))
                {
                    if (prefix == "d:")
                        troubles.Add($"{keys.DeadLetters} {entry.Id}: body {body.Name} does not know it");
                    continue;
                }

                referred.Add(body.Name);
                if (await partition.Bodies.Of(body).FindAsync(body.Name, cancellationToken) is null)
                    troubles.Add($"{referer} of {stream}: its body {body.Name} is gone");
            }
        }

        troubles.AddRange(
            known.Keys.Except(referred).Select(name => $"{keys.Bodies.Referers}: {name} has {string.Join(' ', known[name])}"));
        await CleanAsync(partition, connection, time, cancellationToken);
        referred = [.. (await ReferersAsync(database, keys)).Keys];
        var pattern = $"{keys.Bodies.BodyPrefix}*{keys.Suffix}";
        foreach (var server in database.Multiplexer.GetServers().Where(server => server is { IsConnected: true, IsReplica: false }))
        {
            await foreach (var key in server.KeysAsync(pattern: pattern).WithCancellation(cancellationToken))
            {
                var name = key.ToString()[keys.Bodies.BodyPrefix.Length..^keys.Suffix.Length];
                if (!referred.Contains(name))
                    troubles.Add($"nothing refers to key {key}");
            }
        }

        foreach (var store in partition.Bodies.All)
        {
            await foreach (var body in store.ListAsync(time.GetUtcNow() + Ahead, cancellationToken))
            {
                if (!referred.Contains(body.Name))
                    troubles.Add($"{store.Kind}: nothing refers to body {body.Name}");
            }
        }

        return troubles;
    }

    // As the product's maintenance, without its waiting times.
    private static async Task CleanAsync(
        StreamPartition partition, RedisConnection connection, TimeProvider time, CancellationToken cancellationToken)
    {
        var referers = new BodyReferers(partition.Keys, connection);
        var cleaner = new BodyCleaner(partition.Bodies, referers, time);
        await cleaner.PassAsync(TimeSpan.Zero, cancellationToken);
        var orphans = new OrphanBodies(partition.Bodies, referers, -Ahead, time);
        await orphans.PassAsync(cancellationToken);
        if (orphans.Failure is { } failure)
            throw failure;
        // The orphan pass releases bodies whose entries are gone.
        await cleaner.PassAsync(TimeSpan.Zero, cancellationToken);
    }

    private static async Task<Dictionary<string, string[]>> ReferersAsync(IDatabase database, StreamKeys keys) =>
        (await database.HashGetAllAsync(keys.Bodies.Referers)).Where(field => BodyName.IsValid(field.Name!)).ToDictionary(
            field => (string)field.Name!,
            field => ((string)field.Value!).Split(' ')[1..],
            StringComparer.Ordinal);
}
