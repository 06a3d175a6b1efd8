using EmailIngestion.Redis;
using EmailIngestion.Streams.Dlq;

namespace EmailIngestion.Bench.Sides;

/// <summary>
/// Consumes with the product's defaults while many emails wait, or while there are many dead letters. Measures what an email costs that is
/// completed or dead-lettered.
/// </summary>
internal static class GrowthSide
{
    public const string Name = "growth";

    private const int WarmUp = 20_000;
    private const int FailingWarmUp = 1_000;
    private const int Bytes = 256;

    // Each email that fails would be a line on the bench's console.
    private static readonly Dictionary<string, string?> Quiet = new() { ["Logging:Console:LogLevel:EmailIngestion.Consuming"] = "None" };

    public static async Task<SideResult> RunAsync(int port, int waiting, int window, int times, int deadLetters, bool fails)
    {
        await using var consumer = await GatedConsumer.StartAsync(port, null, null, Quiet);
        await ConsumeAsync(consumer, port, WarmUp, WarmUp, fails: false);
        if (deadLetters > 0)
            await FillAsync(consumer.Redis, deadLetters);
        if (fails)
            await ConsumeAsync(consumer, port, FailingWarmUp, FailingWarmUp, fails: true);
        var sum = new SideResult();
        for (var time = 0; time < times; time++)
            sum = sum.Plus(await ConsumeAsync(consumer, port, waiting, window, fails));
        return sum;
    }

    private static async Task<SideResult> ConsumeAsync(GatedConsumer consumer, int port, int waiting, int window, bool fails)
    {
        consumer.Gate.Close();
        consumer.Gate.Fails = fails;
        consumer.Fill(waiting, Bytes);
        var settled = consumer.Gate.SettledAsync(window);
        var stopper = new Stopper(port);
        consumer.Gate.Open();
        await settled;
        return stopper.Result();
    }

    // The index is built before the measurement: the consumer's maintenance would build it meanwhile.
    private static async Task FillAsync(RedisConnection redis, int count)
    {
        await DeadLetterFill.RunAsync(await redis.DatabaseAsync(CancellationToken.None), GatedConsumer.Keys, count);
        await new DeadLetterIndex(GatedConsumer.Keys, redis).RepairAsync(CancellationToken.None);
    }
}
