using System.Globalization;
using EmailIngestion.Streams;

namespace EmailIngestion.Faults;

/// <summary>Measures the sizes of streams, Redis and processes once a second during the run.</summary>
internal sealed class Gauges(
    IReadOnlyList<StreamPartition> partitions, RedisServers redis, IReadOnlyList<WorkerProcess> workers,
    TimeProvider time) : IAsyncDisposable
{
    private readonly Observer _observer = new(TimeSpan.FromSeconds(1), time);

    public long MaxStreamLength { get; private set; }

    public long MaxSettled { get; private set; }

    public long MaxRedisBytes { get; private set; }

    public long RedisBytes { get; private set; }

    public long MaxWorkerBytes { get; private set; }

    public void Start() => _observer.Start(ReadSnapshotAsync);

    public ValueTask DisposeAsync() => _observer.DisposeAsync();

    private async Task ReadSnapshotAsync(CancellationToken stop)
    {
        foreach (var partition in partitions)
        {
            await Observer.TryAsync(async () =>
            {
                var load = await partition.Stream.Settled.LoadAsync(stop);
                MaxStreamLength = Math.Max(MaxStreamLength, load.Length);
                // While the lag is unknown, the number of settled entries is unknown too.
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
            var line = File.ReadLines($"/proc/{process}/status")
                .FirstOrDefault(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            return line is null ? 0 : 1024 * long.Parse(
                line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // The process was just killed.
            return 0;
        }
    }
}
