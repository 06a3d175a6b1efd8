using EmailIngestion.Processing;

namespace EmailIngestion.Bench.Sides;

/// <summary>Consumes the waiting emails by a built-in processor and measures the time until all are settled.</summary>
internal static class ProcessSide
{
    public const string Name = "process";

    /// <summary>The emails before those that are measured: afterwards the code is compiled.</summary>
    public const int WarmUp = 30_000;

    public static async Task<SideResult> RunAsync(int port, int count, int bytes, BenchProcessor processor, int receiver, string folder)
    {
        await using var consumer = await GatedConsumer.StartAsync(port, 500, 50, Settings(processor, folder, receiver));
        var warm = consumer.Gate.SettledAsync(WarmUp);
        consumer.Fill(WarmUp, bytes);
        await warm;

        consumer.Gate.Close();
        consumer.Fill(count, bytes);
        var settled = consumer.Gate.SettledAsync(count);
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var stopper = new Stopper(port);
        consumer.Gate.Open();
        await settled;
        return stopper.Result() with
        {
            AllocatedPerEmail = (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)count,
            BytesPerEmail = Written(folder) / (double)(WarmUp + count),
        };
    }

    private static long Written(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    private static Dictionary<string, string?> Settings(BenchProcessor processor, string folder, int receiver) => processor switch
    {
        BenchProcessor.Archive => new()
        {
            [$"{nameof(Gate)}:{nameof(GateOptions.Processor)}"] = ArchiveOptions.Processor,
            ["Archive:Folder"] = folder,
            ["Archive:Durable"] = "false",
        },
        _ => new()
        {
            [$"{nameof(Gate)}:{nameof(GateOptions.Processor)}"] = "webhook",
            ["Webhook:Url"] = $"http://127.0.0.1:{receiver}/",
            ["Webhook:Secret"] = "a secret of more than 24 bytes",
        },
    };
}
