using System.Globalization;
using EmailIngestion.Streams;

namespace EmailIngestion.Faults;

/// <summary>How large everything was during the run, looked at once a second.</summary>
internal sealed class Gauges(IReadOnlyList<StreamPartition> partitions, RedisServers redis, IReadOnlyList<WorkerProcess> workers, TimeProvider time) : IAsyncDisposable
{
    private readonly Lookout _lookout = new(TimeSpan.FromSeconds(1), time);

    public long MaxStreamLength { get; private set; }

    public long MaxSettled { get; private set; }

    public long MaxRedisBytes { get; private set; }

    public long RedisBytes { get; private set; }

    public long MaxWorkerBytes { get; private set; }

    public void Start() => _lookout.Start(ReadSnapshotAsync);

    public ValueTask DisposeAsync() => _lookout.DisposeAsync();

    private async Task ReadSnapshotAsync(CancellationToken stop)
    {
        foreach (var partition in partitions)
        {
            await Lookout.TryAsync(async () =>
            {
                var load = await partition.Stream.Settled.LoadAsync(stop);
                MaxStreamLength = Math.Max(MaxStreamLength, load.Length);
                // Where the lag is unknown nobody knows how many are settled.
                MaxSettled = Math.Max(MaxSettled, load.Lag is null ? 0 : load.Length - load.Outstanding);
            });
        }

        if (await redis.UsedBytesAsync() is > 0 and var bytes)
            MaxRedisBytes = Math.Max(MaxRedisBytes, RedisBytes = bytes);
        MaxWorkerBytes = Math.Max(MaxWorkerBytes, workers.Max(worker => ResidentBytes(worker.ProcessId)));
    }

    private static long ResidentBytes(int? process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            return line is null ? 0 : 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // It has just been killed.
            return 0;
        }
    }
}
