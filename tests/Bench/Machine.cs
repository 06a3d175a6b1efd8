using System.Globalization;

namespace EmailIngestion.Bench;

/// <summary>Reads facts about the machine from /proc.</summary>
internal static class Machine
{
    private const int Idle = 3;
    private const int Waiting = 4;

    /// <summary>The share of all processors that was used during the given time; 0 where /proc does not report it.</summary>
    public static async Task<double> BusyAsync(TimeSpan over, CancellationToken cancellationToken)
    {
        if (Read() is not { } before)
            return 0;
        await Task.Delay(over, TimeProvider.System, cancellationToken);
        var after = Read()!.Value;
        var all = after.All - before.All;
        return all == 0 ? 0 : Math.Round(1 - ((after.Idle - before.Idle) / (double)all), 3);
    }

    public static string Processor => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1]
            .Trim() ?? ""
        : "";

    private static (long All, long Idle)? Read()
    {
        if (!File.Exists("/proc/stat"))
            return null;
        var ticks = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9]
            .Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return (ticks.Sum(), ticks[Idle] + ticks[Waiting]);
    }
}
