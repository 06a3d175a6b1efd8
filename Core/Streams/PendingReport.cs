using System.Globalization;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Describes in words what a stream's outstanding entries wait for.</summary>
internal static class PendingReport
{
    /// <summary>For example "180 are not read yet; 1 waits for its retry, the oldest since 2026-01-02T03:04:05Z".</summary>
    public static async Task<string> DescribeAsync(IDatabase database, StreamKeys keys, StreamLoad load)
    {
        var parts = new List<string>();
        if (load.Lag is > 0)
            parts.Add($"{Number(load.Lag.Value, "is", "are")} not read yet");
        try
        {
            var pending = await database.StreamPendingAsync(keys.Stream, StreamKeys.Group);
            var waiting = (pending.Consumers ?? [])
                .Where(consumer => consumer.Name == ConsumerGroup.Waiting)
                .Sum(consumer => (long)consumer.PendingMessageCount);
            if (pending.PendingMessageCount - waiting is > 0 and var working)
                parts.Add($"{Number(working, "is", "are")} with a consumer");
            if (waiting > 0)
                parts.Add(waiting == 1 ? "1 waits for its retry" : $"{waiting} wait for their retry");
            if (pending.PendingMessageCount > 0)
                parts[^1] += $", the oldest since {Appended(pending.LowestPendingMessageId.ToString())}";
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOGROUP", StringComparison.Ordinal))
        {
            parts.Add("there is no consumer group");
        }

        return parts.Count == 0 ? "nothing is outstanding" : string.Join("; ", parts);
    }

    private static string Number(long count, string one, string many) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many)}");

    // The first half of an entry ID is the time of its append, in Unix milliseconds.
    private static string Appended(string id)
    {
        var milliseconds = id.AsSpan(0, id.IndexOf('-', StringComparison.Ordinal));
        return DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(milliseconds, CultureInfo.InvariantCulture))
            .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }
}
