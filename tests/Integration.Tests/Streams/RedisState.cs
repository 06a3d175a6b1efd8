using System.Globalization;
using System.Text;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using StackExchange.Redis;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>The whole content of a partition's keys as comparable lines. Only times (idle, expiry) are left out.</summary>
internal static class RedisState
{
    public static Task<string[]> OfAsync(TestPartition partition) => OfAsync(partition.Database, partition.Keys);

    public static async Task<string[]> OfAsync(IDatabase database, StreamKeys keys)
    {
        var lines = new List<string>();
        foreach (var key in database.Multiplexer.GetServers()[0].Keys(pattern: $"*{keys.Suffix}").OrderBy(
            key => key.ToString(), StringComparer.Ordinal))
        {
            lines.AddRange(await database.KeyTypeAsync(key) switch
            {
                RedisType.Stream => await StreamAsync(database, key),
                RedisType.Hash => (await database.HashGetAllAsync(key)).Select(field => $"{key} {Text(field.Name)}={Text(field.Value)}")
                    .Order(StringComparer.Ordinal),
                RedisType.List => (await database.ListRangeAsync(key)).Select(item => $"{key} {Text(item)}"),
                // Scores are times.
                RedisType.SortedSet =>
                    (await database.SortedSetRangeByRankAsync(key)).Select(member => $"{key} {Text(member)}").Order(StringComparer.Ordinal),
                RedisType.Set =>
                    (await database.SetMembersAsync(key)).Select(member => $"{key} {Text(member)}").Order(StringComparer.Ordinal),
                _ => [$"{key} {Text(await database.StringGetAsync(key))}"],
            });
        }

        return [.. lines];
    }

    /// <summary>Returns the UIDs of the stream's entries, in order.</summary>
    public static async Task<uint[]> UidsAsync(IDatabase database, RedisKey stream) =>
        [.. (await database.StreamRangeAsync(stream))
            .Select(entry => uint.Parse(entry[EntryFields.Uid].ToString(), CultureInfo.InvariantCulture))];

    /// <summary>Returns one line for each pending delivery: entry ID, consumer, delivery count.</summary>
    public static async Task<string[]> PendingAsync(IDatabase database, RedisKey stream) =>
    [
        .. (await database.StreamPendingMessagesAsync(stream, StreamKeys.Group, 10_000, RedisValue.Null))
            .Select(pending => $"{pending.MessageId} {pending.ConsumerName} {pending.DeliveryCount}"),
    ];

    public static async Task<string[]> ConsumersAsync(IDatabase database, RedisKey stream) =>
        [.. (await database.StreamConsumerInfoAsync(stream, StreamKeys.Group)).Select(consumer => consumer.Name)
            .Order(StringComparer.Ordinal)];

    private static async Task<IEnumerable<string>> StreamAsync(IDatabase database, RedisKey key)
    {
        var lines = (await database.StreamRangeAsync(key))
            .Select(
                entry => $"{key} {entry.Id} {string.Join(' ', entry.Values.Select(field => $"{Text(field.Name)}={Text(field.Value)}"))}")
            .ToList();
        foreach (var group in await database.StreamGroupInfoAsync(key))
        {
            lines.Add($"{key} group {group.Name} last={group.LastDeliveredId} lag={group.Lag}");
            lines.AddRange((await database.StreamPendingMessagesAsync(key, group.Name, 10_000, RedisValue.Null))
                .Select(pending => $"{key} pending {pending.MessageId} {pending.ConsumerName} {pending.DeliveryCount}"));
            lines.AddRange((await database.StreamConsumerInfoAsync(key, group.Name)).Select(consumer => $"{key} consumer {consumer.Name}"));
        }

        return lines;
    }

    private static string Text(RedisValue value)
    {
        var bytes = (byte[]?)value ?? [];
        return bytes.All(b => b is >= 32 and < 127) ? Encoding.ASCII.GetString(bytes) : Convert.ToHexString(bytes);
    }
}
