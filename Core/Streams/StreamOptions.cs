using System.ComponentModel.DataAnnotations;
using EmailIngestion.Redis;

namespace EmailIngestion.Streams;

/// <summary>Section <c>Streams</c>: the Redis server and what it may hold.</summary>
public sealed class StreamOptions
{
    public const string Section = "Streams";

    /// <summary>
    /// StackExchange.Redis configuration string: standalone, Sentinel (<c>serviceName=</c>), Cluster, TLS, ACL user.
    /// <c>REDIS_HOST</c>, <c>REDIS_PORT</c> and <c>REDIS_PASSWORD</c> make one when this is empty.
    /// </summary>
    [Required(ErrorMessage = "set it, or REDIS_HOST.")]
    public string ConnectionString { get; set; } = "";

    /// <summary>
    /// With <c>ssl=true</c>: a file of certificates (PEM) of authorities that are trusted besides the system's, for Redis and its Sentinels.
    /// </summary>
    public string? CertificateAuthority { get; set; }

    /// <summary>The certificate (PEM) that we show to Redis and its Sentinels; Redis asks for one unless its <c>tls-auth-clients</c> says otherwise.</summary>
    public string? ClientCertificate { get; set; }

    /// <summary>Its private key (PEM, not encrypted). Default: in the certificate's file.</summary>
    public string? ClientCertificateKey { get; set; }

    /// <summary>The user for the Sentinels. Default: that of the connection string; with a <see cref="SentinelPassword"/>, the default user.</summary>
    public string? SentinelUser { get; set; }

    /// <summary>The password of the Sentinels. Default: that of Redis; Sentinels that have none do not mind it.</summary>
    public string? SentinelPassword { get; set; }

    /// <summary>
    /// The named partitions that this process serves, each with its own stream, group and dead letters. Empty: the one unnamed
    /// partition. Redis Cluster needs names.
    /// </summary>
    public IList<string> Partitions { get; } = [];

    /// <summary>
    /// The stream limit: as many entries may be outstanding, that is unread (lag) or delivered and not settled (pending). At it polling stops and the
    /// mail waits in the mailbox (backpressure). Settled entries do not count, and nothing outstanding is ever trimmed to keep the limit.
    /// Default 10,000; 0 = no limit. The guide's <c>REDIS_MAX_STREAM_LENGTH</c>.
    /// </summary>
    [Range(0, 1_000_000_000)]
    public int MaxStreamLength { get; set; } = 10_000;

    /// <summary>The part of Redis's <c>maxmemory</c>, or of <see cref="MaxMemoryBytes"/>, at which polling stops. Default 0.75.</summary>
    [Range(0.1, 1.0)]
    public double MaxMemoryRatio { get; set; } = 0.75;

    /// <summary>
    /// Bytes that Redis may hold, for one that does not tell its <c>maxmemory</c> or has none, such as a managed service. Where Redis tells a
    /// smaller <c>maxmemory</c>, that counts. Default 0: what Redis tells.
    /// </summary>
    [Range(0L, 1L << 50)]
    public long MaxMemoryBytes { get; set; }

    /// <summary>How long the id of a processed email is remembered, in whole days. Default 7 days.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "90.00:00:00")]
    public TimeSpan ProcessedRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Start although Redis may evict keys (a <c>maxmemory-policy</c> other than <c>noeviction</c>), which loses mail. Default false.</summary>
    public bool AllowEviction { get; set; }

    /// <summary>
    /// The guide's <c>REDIS_PASSWORD</c>. Apart, because a configuration string has no way to write a comma or an outer space.
    /// </summary>
    internal string? Password { get; set; }

    /// <summary>How many settled entries may lie above a pending one before they are swept away: a quarter of the limit, from 50 to 1,000.</summary>
    internal int MaxSettled => MaxStreamLength == 0 ? 1_000 : Math.Clamp(MaxStreamLength / 4, 50, 1_000);

    /// <summary>The partitions to serve: the named ones, else the unnamed.</summary>
    internal IReadOnlyList<string> ServedPartitions => Partitions.Count == 0 ? [""] : [.. Partitions];

    /// <summary>How Redis and its Sentinels are reached.</summary>
    internal RedisSettings Redis => new()
    {
        ConnectionString = ConnectionString,
        Password = Password,
        CertificateAuthority = CertificateAuthority,
        ClientCertificate = ClientCertificate,
        ClientCertificateKey = ClientCertificateKey,
        SentinelUser = SentinelUser,
        SentinelPassword = SentinelPassword,
        MaxMemoryBytes = MaxMemoryBytes,
    };
}
