namespace EmailIngestion.Bench.Sides;

/// <summary>Runs a consumer with the product's defaults. Measures its working set and its allocations for each email.</summary>
internal static class MemorySide
{
    public const string Name = "memory";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    public static async Task<SideResult> RunAsync(int port, int count, int bytes)
    {
        await using var consumer = await GatedConsumer.StartAsync(port, null, null);
        var first = await RunAsync(consumer, count, bytes);
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var later = await RunAsync(consumer, 2 * count, bytes);
        return new SideResult
        {
            WorkingSetMb = first / 1e6,
            LaterWorkingSetMb = later / 1e6,
            AllocatedPerEmail = (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (2.0 * count),
        };
    }

    private static async Task<long> RunAsync(GatedConsumer consumer, int count, int bytes)
    {
        consumer.Gate.Close();
        consumer.Fill(count, bytes);
        var settled = consumer.Gate.SettledAsync(count);
        consumer.Gate.Open();
        var largest = Environment.WorkingSet;
        while (!settled.IsCompleted)
        {
            await Task.WhenAny(settled, Task.Delay(Interval, TimeProvider.System));
            largest = Math.Max(largest, Environment.WorkingSet);
        }

        return largest;
    }
}
