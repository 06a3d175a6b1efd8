using System.Globalization;
using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Lists the deliveries of a partition that are not settled yet, of all its consumers. It changes nothing.</summary>
public sealed class PendingDeliveries
{
    // The limits of one script call. Redis serves no other client meanwhile.
    private const int BytesAtOnce = 1024 * 1024;
    private const int FieldBytes = 500;

    // The entries that a page reads. Deliveries beyond are listed without what their entries say.
    private const int BytesOfPage = 4 * 1024 * 1024;

    private readonly StreamKeys _keys;
    private readonly RedisConnection _connection;
    private readonly TimeProvider _time;

    internal PendingDeliveries(StreamKeys keys, RedisConnection connection, TimeProvider time) =>
        (_keys, _connection, _time) = (keys, connection, time);

    /// <summary>Reads one page, the oldest entry first, and the ID to continue after (null = no more).</summary>
    /// <param name="limit">The most deliveries of the page.</param>
    /// <param name="after">The ID of an entry; later ones follow. Null for the first page.</param>
    /// <param name="consumer">Only those of this consumer; null for all.</param>
    /// <param name="cancellationToken">Ends the wait for Redis.</param>
    public async Task<(IReadOnlyList<PendingDelivery> Deliveries, string? After)> PageAsync(
        int limit, string? after, string? consumer, CancellationToken cancellationToken)
    {
        var database = await _connection.DatabaseAsync(cancellationToken);
        var page = new List<PendingDelivery>();
        var from = after is null ? "-" : $"({after}";
        for (long read = 0; from.Length > 0 && page.Count < limit;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (await ListAsync(database, from, limit - page.Count, read < BytesOfPage, consumer) is not { } reply)
                return ([], null);
            for (var i = 0; i < reply[0].Length; i++)
                page.Add(Read(reply[0][i]));
            read += (long)reply[1];
            from = (string)reply[2]!;
        }

        return (page, from.Length == 0 ? null : from.TrimStart('('));
    }

    // Null: the stream or the group does not exist.
    private async Task<RedisResult?> ListAsync(IDatabase database, string from, int most, bool readsEntries, string? consumer)
    {
        try
        {
            return await database.ScriptEvaluateAsync(
                Scripts.ListDeliveries,
                [_keys.Stream],
                [StreamKeys.Group, from, most, readsEntries ? BytesAtOnce : 0, FieldBytes, consumer ?? ""]);
        }
        catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.GroupMissing)
        {
            return null;
        }
    }

    private PendingDelivery Read(RedisResult delivery)
    {
        var entryId = (string)delivery[0]!;
        var fields = ((RedisValue[])delivery[4]!).Chunk(2).ToDictionary(pair => pair[0].ToString(), pair => pair[1].ToString());
        return new PendingDelivery(
            entryId,
            (string)delivery[1]!,
            fields.GetValueOrDefault("mailbox"),
            uint.TryParse(fields.GetValueOrDefault("uid"), NumberStyles.None, CultureInfo.InvariantCulture, out var uid) ? uid : null,
            fields.GetValueOrDefault("subject"),
            Math.Round(Math.Max(0, (_time.GetUtcNow() - EntryTime.Of(entryId)).TotalSeconds), 3),
            (long)delivery[2] / 1000.0,
            (long)delivery[3]);
    }
}
