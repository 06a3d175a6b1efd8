using System.Diagnostics;
using System.Globalization;

namespace EmailIngestion.Bench.Sides;

/// <summary>Measures wall clock and CPU time of this process and of Redis since its creation.</summary>
internal sealed class Stopper
{
    private readonly int? _redisPort;
    private readonly TimeSpan _redisCpu;
    private readonly TimeSpan _cpu;
    private readonly long _started;

    /// <param name="redisPort">Null when the side uses no Redis.</param>
    public Stopper(int? redisPort)
    {
        _redisPort = redisPort;
        _redisCpu = RedisCpu();
        _cpu = Cpu();
        _started = TimeProvider.System.GetTimestamp();
    }

    public SideResult Result() => new()
    {
        Seconds = TimeProvider.System.GetElapsedTime(_started).TotalSeconds,
        CpuSeconds = (Cpu() - _cpu).TotalSeconds,
        RedisCpuSeconds = (RedisCpu() - _redisCpu).TotalSeconds,
    };

    public static TimeSpan Cpu()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }

    private TimeSpan RedisCpu()
    {
        if (_redisPort is not { } port)
            return TimeSpan.Zero;
        using var redis = new RawRedis(port);
        return redis.Ask("INFO", "cpu").Split("\r\n")
            .Where(
                line => line.StartsWith("used_cpu_sys:", StringComparison.Ordinal) || line.StartsWith(
                    "used_cpu_user:", StringComparison.Ordinal))
            .Aggregate(
                TimeSpan.Zero, (sum, line) => sum + TimeSpan.FromSeconds(double.Parse(line.Split(':')[1], CultureInfo.InvariantCulture)));
    }
}
