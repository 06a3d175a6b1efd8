using System.ComponentModel.DataAnnotations;
using EmailIngestion.Messages;

namespace EmailIngestion.Processing;

/// <summary>
/// The settings of the section <c>Processing</c>: the processor, its retries, its circuit breaker and the limits of an email.
/// </summary>
public sealed class ProcessingOptions
{
    public const string Section = "Processing";

    internal const string ProcessorSetting = $"{Section}:{nameof(Processor)}";

    /// <summary>
    /// The name of the processor: <c>archive</c> (default), <c>webhook</c>, <c>webhook:NAME</c>, or one that you registered. Several names
    /// with commas run in their order: each one runs after the one before has succeeded. On a retry all of them run again.
    /// <c>Mailboxes:n:Processor</c> overrides it for one mailbox.
    /// </summary>
    [Required]
    public string Processor { get; set; } = ArchiveProcessor.Name;

    /// <summary>The timeout of one attempt. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The number of short retries within one delivery after transient failures. Default 2.</summary>
    [Range(0, 10)]
    public int Retries { get; set; } = 2;

    /// <summary>
    /// The maximum number of abandoned attempts (their time was over, or the lease was lost) whose processor is still running. With more of
    /// them this process stops reading, and <c>health/live</c> answers 503 so that it is restarted. Default 10.
    /// </summary>
    [Range(1, 10_000)]
    public int MaxAbandoned { get; set; } = 10;

    /// <summary>
    /// The maximum wait for a Retry-After. A wait of up to 5 seconds happens within the delivery; for a longer one the delivery is
    /// postponed. Default 10 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The ratio of failed attempts at which the circuit opens. Default 0.5.</summary>
    [Range(0.01, 1.0)]
    public double BreakerFailureRatio { get; set; } = 0.5;

    /// <summary>The minimum number of attempts within <see cref="BreakerSampling"/> for the circuit to open. Default 10.</summary>
    [Range(2, 10_000)]
    public int BreakerMinimumThroughput { get; set; } = 10;

    /// <summary>The period over which failures are counted. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "01:00:00")]
    public TimeSpan BreakerSampling { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an open circuit stays open. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "01:00:00")]
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The maximum number of MIME parts of an email, including those of its attached emails. Default 5,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxParts { get; set; } = MessageLimits.Default.MaxParts;

    /// <summary>The maximum depth of nested multiparts and attached emails. Default 50.</summary>
    [Range(1, 500)]
    public int MaxDepth { get; set; } = MessageLimits.Default.MaxDepth;

    /// <summary>The maximum size in bytes of all headers of an email, its parts and its attached emails. Default 1 MiB.</summary>
    [Range(64 * 1024, 64 * 1024 * 1024)]
    public int MaxHeaderBytes { get; set; } = MessageLimits.Default.MaxHeaderBytes;

    /// <summary>The maximum number of header fields of an email, its parts and its attached emails. Default 20,000.</summary>
    [Range(100, 1_000_000)]
    public int MaxHeaders { get; set; } = MessageLimits.Default.MaxHeaders;

    /// <summary>
    /// The maximum number of parameters of one Content-Type or Content-Disposition, counted by semicolons. Default 1,000.
    /// </summary>
    [Range(10, 100_000)]
    public int MaxParameters { get; set; } = MessageLimits.Default.MaxParameters;

    /// <summary>
    /// The maximum number of boundary comparisons of a parser: the number of lines that begin with <c>--</c>, times the number of
    /// multiparts around the deepest part before them. Default 50,000,000, which takes about a quarter of a second.
    /// </summary>
    [Range(100_000, 2_000_000_000)]
    public int MaxBoundaryChecks { get; set; } = MessageLimits.Default.MaxBoundaryChecks;

    /// <summary>
    /// Whether the consumer checks the DKIM signatures of each email (<see cref="ParsedAuthentication.Verified"/>). It asks DNS for the
    /// keys: up to 5 names an email, 2 seconds each, so <see cref="AttemptTimeout"/> must be at least 15 seconds. An outage of DNS gives
    /// the result <c>temperror</c>. Default false: the conversion of an email depends on nothing else.
    /// </summary>
    public bool VerifyDkim { get; set; }

    /// <summary>What the settings of the mailboxes say about processing: section <c>Mailboxes</c>.</summary>
    internal IReadOnlyList<MailboxRoute> Mailboxes { get; set; } = [];

    /// <summary>
    /// Whether the processors run in this process. A poller or an admin process has no secrets of webhooks, so they are not checked there.
    /// </summary>
    internal bool RunsHere { get; set; } = true;

    internal MessageLimits Limits => new()
    {
        MaxParts = MaxParts,
        MaxDepth = MaxDepth,
        MaxHeaderBytes = MaxHeaderBytes,
        MaxHeaders = MaxHeaders,
        MaxParameters = MaxParameters,
        MaxBoundaryChecks = MaxBoundaryChecks,
    };

    /// <summary>Whether a processor is used: by default, or for a mailbox.</summary>
    public bool Uses(string processor) =>
        Mailboxes.Select(mailbox => mailbox.Processor).Append(Processor)
            .Any(text => text is not null && ProcessorNames.Read(text, [processor]).Contains(processor, StringComparer.Ordinal));
}
