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
        DeadLetters = new DeadLetterStream(Keys, connection, options, time, GuardedBodies);
        Groups = new DeadLetterGroups(Keys, connection, DeadLetters);
        Jobs = new JobStore(Keys, connection, time);
        Audit = new AuditLog(Keys, connection, time);
        Inspector = new StreamInspector(Keys, connection, time);
        Scaling = new StreamScaling(Keys, connection, time);
        Deliveries = new PendingDeliveries(Keys, connection, time);
        Content = new DeadLetterContent(Keys, connection, Bodies);
        Previews = new PreviewStore(Keys, connection);
        Control = new PartitionControl(Keys, connection, time);
        History = new PartitionHistory(Keys, connection, time);
        KnownEmails = new KnownEmails(Keys, connection, options, time);
        Backfills = new BackfillState(Keys, connection);
        Stream = new EmailStream(Keys, connection, options, time, GuardedBodies);
        Downloads = new DownloadCounts(Keys, connection, time);
        RefreshTokens = new RefreshTokenState(Keys, connection);
    }

    /// <summary>The partition's name. Empty for the unnamed one.</summary>
    public string Name { get; }

    /// <summary>The partition's dead letters.</summary>
    public DeadLetterStream DeadLetters { get; }

    /// <summary>The partition's dead letters by fingerprint.</summary>
    public DeadLetterGroups Groups { get; }

    /// <summary>The partition's jobs.</summary>
    public JobStore Jobs { get; }

    /// <summary>The changes that people made in the partition.</summary>
    public AuditLog Audit { get; }

    /// <summary>Reads the partition's state.</summary>
    public StreamInspector Inspector { get; }

    /// <summary>Reads what an autoscaler needs of the partition.</summary>
    public StreamScaling Scaling { get; }

    /// <summary>Lists the deliveries that are not settled yet.</summary>
    public PendingDeliveries Deliveries { get; }

    internal StreamKeys Keys { get; }

    /// <summary>The messages of its dead letters.</summary>
    internal DeadLetterContent Content { get; }

    /// <summary>What previews of jobs have shown.</summary>
    internal PreviewStore Previews { get; }

    /// <summary>The bodies of the partition's large emails.</summary>
    internal BodyStores Bodies { get; }

    /// <summary>The same, with a circuit for each store.</summary>
    internal GuardedBodies GuardedBodies { get; }

    /// <summary>What the processes of the partition obey at run time.</summary>
    internal PartitionControl Control { get; }

    /// <summary>The last hour, minute by minute.</summary>
    internal PartitionHistory History { get; }

    /// <summary>Which emails were appended before.</summary>
    internal KnownEmails KnownEmails { get; }

    /// <summary>The positions of backfills.</summary>
    internal BackfillState Backfills { get; }

    internal EmailStream Stream { get; }

    /// <summary>The bytes fetched from the accounts.</summary>
    internal DownloadCounts Downloads { get; }

    /// <summary>The rotated refresh tokens of its mailboxes' accounts.</summary>
    internal RefreshTokenState RefreshTokens { get; }

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
