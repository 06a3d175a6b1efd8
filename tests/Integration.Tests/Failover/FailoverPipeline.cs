using System.Collections.Concurrent;
using EmailIngestion.Integration.Tests.Consuming;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using EmailIngestion.Redis;
using EmailIngestion.Servers;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;
using Xunit;

namespace EmailIngestion.Integration.Tests.Failover;

/// <summary>
/// Polls real mailboxes, each into its own partition, on servers that fail over, and runs consumers for all partitions. It counts how often
/// each email was processed.
/// </summary>
internal sealed class FailoverPipeline : IAsyncDisposable
{
    private const int Concurrency = 10;

    private readonly TestPartition[] _partitions;
    private readonly MailUser[] _users;
    private readonly ConcurrentDictionary<(string Mailbox, uint Uid), int> _runs = new();
    private readonly ConcurrentDictionary<string, uint[]> _uids = new();
    private readonly CancellationTokenSource _polling = new();
    private readonly string _connectionString;
    private readonly RedisConnection _connection;
    private readonly StreamPartition[] _streams;
    private Task _poll = Task.CompletedTask;
    private WebApplication? _poller;

    public FailoverPipeline(TestServers servers, string connectionString, int mailboxes)
    {
        _connectionString = connectionString;
        _partitions = [.. Enumerable.Range(0, mailboxes).Select(_ => new TestPartition(servers))];
        _users = [.. _partitions.Select(partition => new MailUser(servers, partition.User))];
        var options = new StreamOptions { ConnectionString = connectionString };
        foreach (var partition in _partitions)
            options.Partitions.Add(partition.Name);
        _connection = StreamConnection.Create(Options.Create(options));
        _streams =
            [.. _partitions.Select(
                partition => new StreamPartition(partition.Name, _connection, Options.Create(options), TimeProvider.System))];
    }

    public RedisConnection Connection => _connection;

    /// <summary>The number of all runs of the processor.</summary>
    public int Runs => _runs.Values.Sum();

    /// <summary>The number of repeated runs.</summary>
    public int Repeats => _runs.Values.Sum(runs => runs - 1);

    /// <summary>The most emails that all consumers may have in work at a time.</summary>
    public int InWork { get; private set; }

    public string StreamKey(int mailbox) => _streams[mailbox].Keys.Stream!;

    public StreamPartition Stream(int mailbox) => _streams[mailbox];

    /// <summary>Returns how many different emails of a mailbox were processed.</summary>
    public int Processed(int mailbox) => _runs.Keys.Count(run => run.Mailbox == _partitions[mailbox].Mailbox());

    /// <summary>Appends new mail to every mailbox.</summary>
    public async Task ReceiveAsync(int count)
    {
        for (var i = 0; i < _users.Length; i++)
        {
            var had = _uids.GetValueOrDefault(_partitions[i].Mailbox()) ?? [];
            var got = await _users[i].AppendAsync(TestMail.Many(count, had.Length + 1));
            _uids[_partitions[i].Mailbox()] = [.. had, .. got];
        }
    }

    public Task<WebApplication> StartConsumerAsync(int delayMs) => _partitions[0].StartConsumerAsync(
        Settings(),
        new ProcessorScript(async (message, token) =>
        {
            _runs.AddOrUpdate((message.Mailbox, message.Uid), 1, (_, runs) => runs + 1);
            await Task.Delay(TimeSpan.FromMilliseconds(delayMs), TimeProvider.System, token);
        }));

    public async Task<WebApplication> StartPollerAsync()
    {
        var settings = Settings();
        settings["Consumer:Enabled"] = "false";
        for (var i = 0; i < _partitions.Length; i++)
            _partitions[i].AddMailbox(settings, index: i);
        return _poller = await _partitions[0].StartHostAsync(settings);
    }

    /// <summary>Starts a poller that polls without a pause, and consumers.</summary>
    public async Task StartAsync(int consumers, int delayMs)
    {
        InWork = consumers * Concurrency * _partitions.Length;
        for (var i = 0; i < consumers; i++)
            await StartConsumerAsync(delayMs);
        var poller = await StartPollerAsync();
        _poll = Task.Run(async () =>
        {
            while (!_polling.IsCancellationRequested)
            {
                await poller.PollAllAsync();
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        });
    }

    /// <summary>A pipeline of two partitions on different shards of a Cluster, each with a mailbox.</summary>
    public static async Task<FailoverPipeline> OnTwoShardsAsync(TestServers servers, ClusterProcesses redis, CancellationToken cancel)
    {
        var pipeline = new FailoverPipeline(servers, redis.ConnectionString, mailboxes: 2);
        // The names decide the shard. If both are on one shard, the slot of the second is moved while it is empty.
        if (await redis.PrimaryOfAsync(pipeline.StreamKey(0), cancel) == await redis.PrimaryOfAsync(pipeline.StreamKey(1), cancel))
            await redis.MigrateSlotOfAsync(pipeline.StreamKey(1), () => Task.CompletedTask, cancel);
        return pipeline;
    }

    /// <summary>Polls the only mailbox once.</summary>
    public async Task<PollResult> PollAsync() => (await _poller!.PollAllAsync()).Values.Single();

    // The timeout of a dedicated connection is a minute, so this waits less.
    public Task ProcessedAsync(int count) =>
        Eventually.TrueAsync(() => _runs.Count >= count, $"{count} are processed", TimeSpan.FromSeconds(45));

    /// <summary>
    /// Waits until every email of every mailbox is processed and has a processed ID, and none is outstanding or dead-lettered.
    /// </summary>
    public async Task AccountAsync()
    {
        var all = _uids.SelectMany(mailbox => mailbox.Value.Select(uid => (mailbox.Key, uid))).ToHashSet();
        await Eventually.TrueAsync(() => _runs.Count >= all.Count, $"all {all.Count} are processed");
        Assert.Equal(all.Order(), _runs.Keys.Order());
        foreach (var stream in _streams)
        {
            await Eventually.TrueAsync(
                async () => await Eventually.AnsweredAsync(
                    () => stream.Inspector.ReadSnapshotAsync(details: false, CancellationToken.None)) is { Depth: 0, DeadLetters: 0 },
                "nothing is outstanding or dead-lettered");
        }

        for (var i = 0; i < _streams.Length; i++)
        {
            var uids = _uids[_partitions[i].Mailbox()];
            var stream = _streams[i];
            var cursor = await Eventually.AnsweredAsync(
                () => stream.Stream.Mailboxes.ReadCursorAsync(_partitions[i].Mailbox(), CancellationToken.None));
            Assert.Equal(uids[^1], cursor!.Last);
            Assert.Equal(
                uids.Length,
                await Eventually.AnsweredAsync(
                    async () => await Consumers.ProcessedAsync(await _connection.DatabaseAsync(CancellationToken.None), stream.Keys)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _polling.CancelAsync();
        await _poll;
        foreach (var partition in _partitions)
            await partition.DisposeAsync();
        await _connection.DisposeAsync();
        _polling.Dispose();
    }

    private LocalSettings Settings()
    {
        var settings = _partitions[0].Settings();
        settings["Streams:ConnectionString"] = _connectionString;
        for (var i = 0; i < _partitions.Length; i++)
            settings[$"Streams:Partitions:{i}"] = _partitions[i].Name;
        // Longer than a failover, so that only the failover causes repeats.
        settings["Consumer:Lease"] = "00:00:15";
        settings["Consumer:LeaseRenewal"] = "00:00:02";
        return settings;
    }
}
