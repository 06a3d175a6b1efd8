using System.Text.Json.Serialization;

namespace EmailIngestion.Bench.Sides;

/// <summary>What a side measured; each sets what is its own.</summary>
internal sealed record SideResult
{
    [JsonPropertyName("seconds")]
    public double Seconds { get; init; }

    /// <summary>Processor time of this process while it measured, and below it that of Redis: they tell more than the clock where others use the machine too.</summary>
    [JsonPropertyName("cpuSeconds")]
    public double CpuSeconds { get; init; }

    [JsonPropertyName("redisCpuSeconds")]
    public double RedisCpuSeconds { get; init; }

    [JsonPropertyName("milliseconds")]
    public IReadOnlyList<double> Milliseconds { get; init; } = [];

    /// <summary>Part of one core while nothing came.</summary>
    [JsonPropertyName("idleCpu")]
    public double IdleCpu { get; init; }

    /// <summary>The largest working set while the first emails went through, and while twice as many did after them.</summary>
    [JsonPropertyName("workingSetMb")]
    public double WorkingSetMb { get; init; }

    [JsonPropertyName("laterWorkingSetMb")]
    public double LaterWorkingSetMb { get; init; }

    [JsonPropertyName("allocatedPerEmail")]
    public double AllocatedPerEmail { get; init; }
}
