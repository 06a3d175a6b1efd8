using System.ComponentModel.DataAnnotations;

namespace EmailIngestion.Consuming;

/// <summary>Section <c>Consumer</c>: the consumer loop of this process.</summary>
public sealed class ConsumerOptions
{
    public const string Section = "Consumer";

    /// <summary>Whether this process consumes. Default true; false in pollers and admin processes.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// The consumer's name, unique in the group: a name in use is refused. Without control characters and <c>#</c>: the group has the name with
    /// <c>#</c> and a nonce of the process behind it. Default: the host's name and a nonce of this start. The guide's <c>--consumer</c>.
    /// </summary>
    [StringLength(200)]
    public string? Name { get; set; }

    /// <summary>The most entries read at a time. Default 10. The guide's <c>--batch-size</c>.</summary>
    [Range(1, 1_000)]
    public int BatchSize { get; set; } = 10;

    /// <summary>How long a read waits for entries. Default 5 seconds. The guide's <c>--block-timeout</c>, there in milliseconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan BlockTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The most emails in processing at a time, per partition served. Default 10.</summary>
    [Range(1, 10_000)]
    public int Concurrency { get; set; } = 10;

    /// <summary>
    /// The bytes of emails that this process has in work at a time, over all partitions. Default 64 MiB; at least 1 MiB. An email that does not
    /// fit waits, and others go on; one above it is processed when no other large one is.
    /// </summary>
    [Range(1024L * 1024, 64L * 1024 * 1024 * 1024)]
    public long MaxBytesInFlight { get; set; } = Streams.ByteBudget.DefaultLimit;

    /// <summary>The time after which a delivery that was not renewed may be reclaimed by others; also the wait before a retry. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often the leases of running deliveries are renewed. Default 20 seconds; at most half the lease.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:30:00")]
    public TimeSpan LeaseRenewal { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Deliveries after which an email is buried. Default 5.</summary>
    [Range(1, 1_000)]
    public int MaxDeliveries { get; set; } = 5;

    /// <summary>How often deliveries whose lease has run out are looked for. Default 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:30:00")]
    public TimeSpan ReclaimInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a stop lets running deliveries finish; the rest is released to others. Default 20 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:30:00")]
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(20);
}
