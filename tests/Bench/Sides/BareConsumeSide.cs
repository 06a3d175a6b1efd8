using EmailIngestion.Streams;
using StackExchange.Redis;

namespace EmailIngestion.Bench.Sides;

/// <summary>
/// Runs the smallest possible consumer of the same client library: a loop of XREADGROUP of 500 entries and XACK of all of them.
/// </summary>
internal static class BareConsumeSide
{
    public const string Name = "consume-bare";

    private const int Batch = 500;
    private const int WarmUp = 60_000;

    public static async Task<SideResult> RunAsync(int port, int count, int bytes)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{port},protocol=resp2");
        await RunAsync(redis.GetDatabase(), port, new StreamKeys("warm"), WarmUp, bytes);
        return await RunAsync(redis.GetDatabase(), port, new StreamKeys("bench"), count, bytes);
    }

    private static async Task<SideResult> RunAsync(IDatabase database, int port, StreamKeys keys, int count, int bytes)
    {
        await database.StreamCreateConsumerGroupAsync(keys.Stream, StreamKeys.Group, "0");
        Entries.Fill(port, keys, 1, count, bytes);
        var stopper = new Stopper(port);
        for (var done = 0; done < count;)
        {
            var entries = await database.StreamReadGroupAsync(keys.Stream, StreamKeys.Group, "bare", ">", Batch);
            await database.StreamAcknowledgeAsync(keys.Stream, StreamKeys.Group, [.. entries.Select(entry => entry.Id)]);
            done += entries.Length;
        }

        return stopper.Result();
    }
}
