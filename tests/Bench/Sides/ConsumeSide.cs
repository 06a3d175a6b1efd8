namespace EmailIngestion.Bench.Sides;

/// <summary>Consumes the waiting emails and measures the time until a given number is settled, once or several times.</summary>
internal static class ConsumeSide
{
    public const string Name = "consume";

    private const int WarmUp = 60_000;

    public static async Task<SideResult> RunAsync(ConsumeArguments arguments)
    {
        await using var consumer = await GatedConsumer.StartAsync(arguments.Port, arguments.BatchSize, arguments.Concurrency);
        var warm = consumer.Gate.SettledAsync(WarmUp);
        consumer.Fill(WarmUp, arguments.Bytes);
        await warm;

        var sum = new SideResult();
        for (var time = 0; time < arguments.Times; time++)
        {
            consumer.Gate.Close();
            consumer.Fill(arguments.Waiting, arguments.Bytes);
            var settled = consumer.Gate.SettledAsync(arguments.Window);
            var stopper = new Stopper(arguments.Port);
            consumer.Gate.Open();
            await settled;
            sum = sum.Plus(stopper.Result());
        }

        return sum;
    }
}
