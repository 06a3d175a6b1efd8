using System.ComponentModel.DataAnnotations;

namespace EmailIngestion.Processing;

/// <summary>Section <c>Processing</c>: which processor, and how much trouble of its dependency is ridden out.</summary>
public sealed class ProcessingOptions
{
    public const string Section = "Processing";

    /// <summary>Name of the processor: <c>archive</c> (default), <c>webhook</c>, or one that you registered.</summary>
    [Required]
    public string Processor { get; set; } = ArchiveProcessor.Name;

    /// <summary>The time one attempt may take. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Short retries within one delivery, after transient failures. Default 2.</summary>
    [Range(0, 10)]
    public int Retries { get; set; } = 2;

    /// <summary>The longest Retry-After that is waited for. Default 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The part of attempts that must fail for the circuit to open. Default 0.5.</summary>
    [Range(0.01, 1.0)]
    public double BreakerFailureRatio { get; set; } = 0.5;

    /// <summary>The attempts within <see cref="BreakerSampling"/> below which the circuit never opens. Default 10.</summary>
    [Range(2, 10_000)]
    public int BreakerMinimumThroughput { get; set; } = 10;

    /// <summary>The time over which failures are counted. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "01:00:00")]
    public TimeSpan BreakerSampling { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an open circuit stays open. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "01:00:00")]
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(30);
}
