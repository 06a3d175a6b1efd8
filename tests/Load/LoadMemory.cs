using System.Globalization;
using EmailIngestion.Redis;

namespace EmailIngestion.Load;

/// <summary>The most memory that each part of a run has had, in MB.</summary>
/// <param name="Poller">The working set of the poller.</param>
/// <param name="Worker">The working set of the largest worker.</param>
/// <param name="Redis">The memory that Redis used.</param>
internal sealed record LoadMemory(double Poller, double Worker, double Redis)
{
    private const double Megabyte = 1_000_000;

    /// <summary>Reads it while the processes run.</summary>
    public static async Task<LoadMemory> ReadAsync(
        int poller, IEnumerable<int> workers, RedisConnection connection, CancellationToken cancellationToken)
    {
        var multiplexer = await connection.GetAsync(cancellationToken);
        var info = await multiplexer.GetServers().First(server => server.IsConnected).InfoAsync("memory");
        var redis = info.Single().Single(line => line.Key == "used_memory_peak").Value;
        return new LoadMemory(
            Peak(poller),
            workers.Max(Peak),
            Math.Round(long.Parse(redis, CultureInfo.InvariantCulture) / Megabyte, 1));
    }

    private static double Peak(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        var kibibytes = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return Math.Round(long.Parse(kibibytes, CultureInfo.InvariantCulture) * 1_024 / Megabyte, 1);
    }
}
