using System.ComponentModel.DataAnnotations;

namespace EmailIngestion.Consuming;

/// <summary>The settings of the section <c>Consumer</c>: the consumer of this process.</summary>
public sealed class ConsumerOptions
{
    public const string Section = "Consumer";

    /// <summary>Whether this process consumes. Default true. Pollers and admin processes set it to false.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// The consumer's name, unique in the group: the start fails if another process has it. Control characters and <c>#</c> are not
    /// allowed. In Redis the consumer is called <c>name#nonce</c>, with a nonce for each process. Default: the host's name and a nonce. The
    /// former system's <c>--consumer</c>.
    /// </summary>
    [StringLength(200)]
    public string? Name { get; set; }

    /// <summary>The maximum number of entries per read. Default 10. The former system's <c>--batch-size</c>.</summary>
    [Range(1, 1_000)]
    public int BatchSize { get; set; } = 10;

    /// <summary>
    /// How long a read waits for entries. Default 5 seconds. The former system's <c>--block-timeout</c>, which is in milliseconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan BlockTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The maximum number of emails processed at the same time, for each partition served. Default 10.</summary>
    [Range(1, 10_000)]
    public int Concurrency { get; set; } = 10;

    /// <summary>
    /// The maximum number of bytes of email in this process's memory at a time, over all partitions. Default 64 MiB; at least 1 MiB. An
    /// email that does not fit waits while others continue. A message above 4 MiB is in a local file and counts with 4 MiB, unless the
    /// processor takes all of it into memory (<c>Raw</c>).
    /// </summary>
    [Range(1024L * 1024, 64L * 1024 * 1024 * 1024)]
    public long MaxBytesInFlight { get; set; } = Streams.ByteBudget.DefaultLimit;

    /// <summary>
    /// The folder for the local files of messages above 4 MiB while they are processed. It must exist. A file has no name once it is open,
    /// and only this process can read it. Default: the system's temporary folder.
    /// </summary>
    public string SpoolFolder { get; set; } = "";

    /// <summary>
    /// The maximum number of bytes of these files at a time, over all partitions. Default 256 MiB; at least 4 MiB. A message that does not
    /// fit waits in its slot. One that is larger than the limit is processed when there is no other file.
    /// </summary>
    [Range(4L * 1024 * 1024, 1024L * 1024 * 1024 * 1024)]
    public long MaxSpoolBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>
    /// How long a delivery belongs to its consumer without a renewal. After that, other consumers may reclaim it. Also the wait before a
    /// retry. Default 1 minute.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often the leases of running deliveries are renewed. Default 20 seconds; at most half the lease.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:30:00")]
    public TimeSpan LeaseRenewal { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>The number of deliveries after which an email is dead-lettered. Default 5.</summary>
    [Range(1, 1_000)]
    public int MaxDeliveries { get; set; } = 5;

    /// <summary>How often the consumer looks for deliveries whose lease has expired. Default 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:30:00")]
    public TimeSpan ReclaimInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a stop waits for running deliveries. Deliveries that are still running then are released. Default 20 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:30:00")]
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(20);
}
