using System.ComponentModel.DataAnnotations;
using EmailIngestion.Messages;

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

    /// <summary>
    /// Attempts that were given up (their time was over, or the lease lost) and whose processor goes on all the same. With more of them this
    /// process stops reading and <c>health/live</c> answers 503, so that it is started again. Default 10.
    /// </summary>
    [Range(1, 10_000)]
    public int MaxAbandoned { get; set; } = 10;

    /// <summary>
    /// The longest Retry-After that is waited for. Up to 5 seconds are waited for within the delivery; for more the delivery is postponed.
    /// Default 10 minutes.
    /// </summary>
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

    /// <summary>MIME parts that an email may have, in all its multiparts and attached emails. Default 5,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxParts { get; set; } = MessageLimits.Default.MaxParts;

    /// <summary>Multiparts and attached emails that may lie around a part. Default 50.</summary>
    [Range(1, 500)]
    public int MaxDepth { get; set; } = MessageLimits.Default.MaxDepth;

    /// <summary>Bytes of all headers of an email, its parts and its attached emails together. Default 1 MiB.</summary>
    [Range(64 * 1024, 64 * 1024 * 1024)]
    public int MaxHeaderBytes { get; set; } = MessageLimits.Default.MaxHeaderBytes;

    /// <summary>Header fields of an email, its parts and its attached emails together. Default 20,000.</summary>
    [Range(100, 1_000_000)]
    public int MaxHeaders { get; set; } = MessageLimits.Default.MaxHeaders;

    /// <summary>Parameters of one Content-Type or Content-Disposition, counted by their semicolons. Default 1,000.</summary>
    [Range(10, 100_000)]
    public int MaxParameters { get; set; } = MessageLimits.Default.MaxParameters;

    /// <summary>
    /// Lines that begin with <c>--</c>, times the multiparts around the deepest part before them: what a parser compares. Default 50,000,000,
    /// which takes about a quarter of a second.
    /// </summary>
    [Range(100_000, 2_000_000_000)]
    public int MaxBoundaryChecks { get; set; } = MessageLimits.Default.MaxBoundaryChecks;

    internal MessageLimits Limits => new()
    {
        MaxParts = MaxParts,
        MaxDepth = MaxDepth,
        MaxHeaderBytes = MaxHeaderBytes,
        MaxHeaders = MaxHeaders,
        MaxParameters = MaxParameters,
        MaxBoundaryChecks = MaxBoundaryChecks,
    };
}
