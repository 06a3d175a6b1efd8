using System.Text.Json.Serialization;

namespace EmailIngestion.Bench.Sides;

/// <summary>The result of a side. Each side sets its own values.</summary>
internal sealed record SideResult
{
    [JsonPropertyName("seconds")]
    public double Seconds { get; init; }

    /// <summary>
    /// CPU time of this process during the measurement. On a shared machine it says more than the clock, and so does the CPU time of Redis.
    /// </summary>
    [JsonPropertyName("cpuSeconds")]
    public double CpuSeconds { get; init; }

    [JsonPropertyName("redisCpuSeconds")]
    public double RedisCpuSeconds { get; init; }

    [JsonPropertyName("milliseconds")]
    public IReadOnlyList<double> Milliseconds { get; init; } = [];

    /// <summary>The share of one core that the idle consumer used.</summary>
    [JsonPropertyName("idleCpu")]
    public double IdleCpu { get; init; }

    /// <summary>The largest working set during the first emails. The next property is that of twice as many emails after them.</summary>
    [JsonPropertyName("workingSetMb")]
    public double WorkingSetMb { get; init; }

    [JsonPropertyName("laterWorkingSetMb")]
    public double LaterWorkingSetMb { get; init; }

    /// <summary>Polls a minute at rest, and connections to the mail server.</summary>
    [JsonPropertyName("pollsPerMinute")]
    public double PollsPerMinute { get; init; }

    [JsonPropertyName("connections")]
    public int Connections { get; init; }

    [JsonPropertyName("threads")]
    public int Threads { get; init; }

    [JsonPropertyName("allocatedPerEmail")]
    public double AllocatedPerEmail { get; init; }

    /// <summary>The bytes that a processor has written or posted for an email.</summary>
    [JsonPropertyName("bytesPerEmail")]
    public double BytesPerEmail { get; init; }

    /// <summary>Adds the times of a further measurement.</summary>
    public SideResult Plus(SideResult more) => this with
    {
        Seconds = Seconds + more.Seconds,
        CpuSeconds = CpuSeconds + more.CpuSeconds,
        RedisCpuSeconds = RedisCpuSeconds + more.RedisCpuSeconds,
    };
}
