using System.ComponentModel.DataAnnotations;
using Azure.Core;
using EmailIngestion.Redis;
using EmailIngestion.Redis.Entra;

namespace EmailIngestion.Streams;

/// <summary>Section <c>Streams</c>: the Redis server, its partitions and its limits.</summary>
public sealed class StreamOptions
{
    /// <summary>The name of the section.</summary>
    public const string Section = "Streams";

    /// <summary>
    /// The StackExchange.Redis configuration string: standalone, Sentinel (<c>serviceName=</c>), Cluster, TLS, ACL user. Required, unless
    /// <c>REDIS_HOST</c> is set: then <c>REDIS_HOST</c>, <c>REDIS_PORT</c> and <c>REDIS_PASSWORD</c> replace it.
    /// </summary>
    [Required(ErrorMessage = "set it, or REDIS_HOST.")]
    public string ConnectionString { get; set; } = "";

    /// <summary>
    /// How this process signs in to Redis: <see cref="RedisAuthentication.Password"/> (default), or
    /// <see cref="RedisAuthentication.Entra"/> by Microsoft Entra ID, which Azure Managed Redis accepts.
    /// </summary>
    public RedisAuthentication Authentication { get; set; }

    /// <summary>
    /// With <see cref="Authentication"/> <see cref="RedisAuthentication.Entra"/>: the name of the identity in Redis. Default: the object ID
    /// in its token.
    /// </summary>
    public string? User { get; set; }

    /// <summary>
    /// With <c>ssl=true</c>: a PEM file of authorities that are trusted in addition to the system's, for Redis and its Sentinels. Default:
    /// none.
    /// </summary>
    public string? CertificateAuthority { get; set; }

    /// <summary>
    /// A PEM file with the certificate that this process presents to Redis and its Sentinels. Redis asks for one unless its
    /// <c>tls-auth-clients</c> is <c>no</c>. Default: none.
    /// </summary>
    public string? ClientCertificate { get; set; }

    /// <summary>A PEM file with the certificate's private key, not encrypted. Default: the key is in the certificate's file.</summary>
    public string? ClientCertificateKey { get; set; }

    /// <summary>
    /// The user for the Sentinels. Default: that of the connection string, or the default user when <see cref="SentinelPassword"/> is set.
    /// </summary>
    public string? SentinelUser { get; set; }

    /// <summary>The password of the Sentinels. Default: that of Redis. Sentinels without a password ignore it.</summary>
    public string? SentinelPassword { get; set; }

    /// <summary>
    /// The named partitions that this process serves, each with its own stream, group and dead letters. Default: empty, which is the one
    /// unnamed partition. Redis Cluster needs names.
    /// </summary>
    public IList<string> Partitions { get; } = [];

    /// <summary>
    /// The stream limit: the most outstanding entries, which are unread (lag) or delivered and not settled (pending). At the limit polling
    /// stops and the emails wait in the mailbox (backpressure). Settled entries do not count. Outstanding entries are never trimmed to keep
    /// the limit. Default 10,000; 0 = no limit. The former system's <c>REDIS_MAX_STREAM_LENGTH</c> also sets it.
    /// </summary>
    [Range(0, 1_000_000_000)]
    public int MaxStreamLength { get; set; } = 10_000;

    /// <summary>
    /// The used part of Redis's <c>maxmemory</c>, or of <see cref="MaxMemoryBytes"/>, at which polling stops. Default 0.75.
    /// </summary>
    [Range(0.1, 1.0)]
    public double MaxMemoryRatio { get; set; } = 0.75;

    /// <summary>
    /// The bytes that Redis may use, for a Redis that does not report <c>maxmemory</c> or has none, such as a managed service. A smaller
    /// <c>maxmemory</c> takes precedence. Default 0: the limit that Redis reports.
    /// </summary>
    [Range(0L, 1L << 50)]
    public long MaxMemoryBytes { get; set; }

    /// <summary>How long the id of a processed email is remembered, in whole days. Default 7 days.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "90.00:00:00")]
    public TimeSpan ProcessedRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Starts even if Redis may evict keys (a <c>maxmemory-policy</c> other than <c>noeviction</c>), which loses emails. Default false.
    /// </summary>
    public bool AllowEviction { get; set; }

    /// <summary>
    /// The former system's <c>REDIS_PASSWORD</c>. It is not part of the configuration string, which cannot contain a comma or an outer
    /// space.
    /// </summary>
    internal string? Password { get; set; }

    /// <summary>Creates the source of the tokens. Null: Azure.Identity's default, by the environment.</summary>
    internal Func<TokenCredential>? Credential { get; set; }

    /// <summary>
    /// How many settled entries may remain above a pending one before they are swept: a quarter of the limit, from 50 to 1,000.
    /// </summary>
    internal int MaxSettled => MaxStreamLength == 0 ? 1_000 : Math.Clamp(MaxStreamLength / 4, 50, 1_000);

    /// <summary>The partitions to serve: the named ones, or the unnamed one when there are none.</summary>
    internal IReadOnlyList<string> ServedPartitions => Partitions.Count == 0 ? [""] : [.. Partitions];

    /// <summary>How this process reaches Redis and its Sentinels.</summary>
    internal RedisSettings Redis => new()
    {
        ConnectionString = ConnectionString,
        Password = Password,
        Identity = Authentication != RedisAuthentication.Entra ? null
            : Credential is null ? new RedisIdentity { User = User } : new RedisIdentity { User = User, Credential = Credential },
        CertificateAuthority = CertificateAuthority,
        ClientCertificate = ClientCertificate,
        ClientCertificateKey = ClientCertificateKey,
        SentinelUser = SentinelUser,
        SentinelPassword = SentinelPassword,
        MaxMemoryBytes = MaxMemoryBytes,
    };
}
