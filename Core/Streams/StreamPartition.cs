using EmailIngestion.Bodies;
using EmailIngestion.Redis;
using EmailIngestion.Streams.Control;
using EmailIngestion.Streams.Dlq;
using EmailIngestion.Streams.Jobs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Streams;

/// <summary>One partition: its dead letters and its state.</summary>
public sealed class StreamPartition
{
    private readonly RedisConnection _connection;
    private readonly IOptions<StreamOptions> _options;
    private readonly TimeProvider _time;

    internal StreamPartition(
        string name,
        RedisConnection connection,
        IOptions<StreamOptions> options,
        TimeProvider time,
        BodiesOptions? bodies = null,
        BodyMetrics? metrics = null,
        ILogger? logger = null)
    {
        Name = name;
        Keys = new StreamKeys(name);
        _connection = connection;
        _options = options;
        _time = time;
        Bodies = new BodyStores(bodies ?? new BodiesOptions(), Keys.Bodies, connection, time, metrics, logger);
        GuardedBodies = new GuardedBodies(Bodies, time);
    }

    /// <summary>The partition's name. Empty for the unnamed one.</summary>
    public string Name { get; }

    /// <summary>The partition's dead letters.</summary>
    public DeadLetterStream DeadLetters => field ??= new DeadLetterStream(Keys, _connection, _options, _time, GuardedBodies);

    /// <summary>The partition's dead letters by fingerprint.</summary>
    public DeadLetterGroups Groups => field ??= new DeadLetterGroups(Keys, _connection, DeadLetters);

    /// <summary>The partition's jobs.</summary>
    public JobStore Jobs => field ??= new JobStore(Keys, _connection, _time);

    /// <summary>The changes that people made in the partition.</summary>
    public AuditLog Audit => field ??= new AuditLog(Keys, _connection, _time);

    /// <summary>Reads the partition's state.</summary>
    public StreamInspector Inspector => field ??= new StreamInspector(Keys, _connection, _time);

    /// <summary>Reads what an autoscaler needs of the partition.</summary>
    public StreamScaling Scaling => field ??= new StreamScaling(Keys, _connection, _time);

    internal StreamKeys Keys { get; }

    /// <summary>The messages of its dead letters.</summary>
    internal DeadLetterContent Content => field ??= new DeadLetterContent(Keys, _connection, Bodies);

    /// <summary>What previews of jobs have shown.</summary>
    internal PreviewStore Previews => field ??= new PreviewStore(Keys, _connection);

    /// <summary>The bodies of the partition's large emails.</summary>
    internal BodyStores Bodies { get; }

    /// <summary>The same, with a circuit for each store.</summary>
    internal GuardedBodies GuardedBodies { get; }

    /// <summary>What the processes of the partition obey at run time.</summary>
    internal PartitionControl Control => field ??= new PartitionControl(Keys, _connection, _time);

    /// <summary>The last hour, minute by minute.</summary>
    internal PartitionHistory History => field ??= new PartitionHistory(Keys, _connection, _time);

    /// <summary>Which emails were appended before.</summary>
    internal KnownEmails KnownEmails => field ??= new KnownEmails(Keys, _connection, _options, _time);

    /// <summary>The positions of backfills.</summary>
    internal BackfillState Backfills => field ??= new BackfillState(Keys, _connection);

    internal EmailStream Stream => field ??= new EmailStream(Keys, _connection, _options, _time, GuardedBodies);

    /// <summary>The bytes fetched from the accounts.</summary>
    internal DownloadCounts Downloads => field ??= new DownloadCounts(Keys, _connection, _time);

    /// <summary>The rotated refresh tokens of its mailboxes' accounts.</summary>
    internal RefreshTokenState RefreshTokens => field ??= new RefreshTokenState(Keys, _connection);

    /// <summary>The consuming side of the partition, for one consumer.</summary>
    /// <param name="name">The consumer's chosen name.</param>
    /// <param name="lease">How long the consumer owns a delivery without a renewal.</param>
    /// <param name="process">The nonce of its process. Null when the name already contains one.</param>
    /// <param name="budget">The bytes that its process may have in work. Null: the default, for this consumer only.</param>
    internal ConsumerGroup Join(string name, TimeSpan lease, string? process = null, ByteBudget? budget = null) =>
        new(
            Keys, _connection, _options, _time, new ConsumerIdentity(name, process), lease,
            budget ?? new ByteBudget(ByteBudget.DefaultLimit));
}
