using EmailIngestion.Consuming;
using EmailIngestion.DevServers;
using EmailIngestion.Health;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Control;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Polly.Registry;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>Tests the progress of a consumer as liveness sees it. The test runs the passes and moves the clock.</summary>
public sealed class ProgressTests(TestServers servers) : IAsyncLifetime
{
    private const string Loop = "consumer of a test";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly SemaphoreSlim _gate = new(0);
    private TestPartition _partition = null!;
    private PartitionConsumer _consumer = null!;
    private ConsumerDrain _drain = null!;
    private Circuits _circuits = null!;
    private Heartbeats _heartbeats = null!;
    private ProgressWatch _watch = null!;
    private PartitionControl _control = null!;

    public async ValueTask InitializeAsync()
    {
        _partition = await servers.PartitionWithMailAsync(0);
        var script = new ProcessorScript((_, token) => _gate.WaitAsync(token));
        var host = await _partition.StartConsumerAsync(
            script, ("Consumer:Enabled", "false"), ("Consumer:Concurrency", "4"), ("Consumer:Lease", "01:00:00"));
        var services = host.Services;
        _circuits = services.GetRequiredService<Circuits>();
        _heartbeats = new Heartbeats(_time);
        _heartbeats.Beat(Loop, TimeSpan.MaxValue);
        var partition = services.GetRequiredService<StreamPartitions>().Get(_partition.Name);
        _control = partition.Control;
        var options = services.GetRequiredService<IOptions<ConsumerOptions>>().Value;
        var pipelines = services.GetRequiredService<ResiliencePipelineProvider<string>>();
        var group = partition.Join("watched", options.Lease);
        var member = new Membership(group, partition.Stream, partition.Control, options.Lease, TimeProvider.System);
        var source = new DeliverySource(
            member, services.GetRequiredService<IngestionMetrics>(), options, TimeProvider.System, NullLogger.Instance);
        var settler = new Settler(group, partition.DeadLetters, options, pipelines, TimeProvider.System);
        _consumer = new PartitionConsumer(
            member, source, services.GetRequiredService<DeliveryExecutor>(), settler, services.GetRequiredService<ExclusiveRuns>(),
            options, TimeProvider.System);
        _drain = new ConsumerDrain(member, settler, source, _consumer, options, TimeProvider.System, NullLogger.Instance);
        _watch = new ProgressWatch(_consumer, partition.Inspector, _circuits, _heartbeats, Loop, Limit, _time);
    }

    public async ValueTask DisposeAsync()
    {
        _gate.Release(1_000);
        await _drain.RunAsync();
        await _consumer.DisposeAsync();
        await _partition.DisposeAsync();
        _gate.Dispose();
    }

    [Fact]
    public async Task A_consumer_that_ignores_waiting_work_for_ten_minutes_is_stuck()
    {
        await Mails.AppendAsync(_partition.Partition.Stream, 1);
        await WatchAsync(Limit);
        Assert.Empty(_heartbeats.Stuck());
        await WatchAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(Loop, Assert.Single(_heartbeats.Stuck()).Loop);
    }

    [Fact]
    public async Task A_consumer_whose_work_never_ends_is_stuck()
    {
        await StartAsync(1);
        await WatchAsync(Limit * 1.1);
        Assert.NotEmpty(_heartbeats.Stuck());
    }

    [Fact]
    public async Task The_progress_check_works_while_a_key_is_damaged()
    {
        await _partition.Database.StringSetAsync(_partition.Keys.Mailboxes, "not a set");
        await WatchAsync(Limit * 1.1);
        Assert.Empty(_heartbeats.Stuck());

        await _partition.Database.KeyDeleteAsync(_partition.Keys.Mailboxes);
        await Mails.AppendAsync(_partition.Partition.Stream, 1);
        await WatchAsync(Limit * 1.1);
        Assert.NotEmpty(_heartbeats.Stuck());
    }

    [Fact]
    public async Task A_consumer_that_cannot_read_its_deliveries_is_stuck()
    {
        await Mails.AppendAsync(_partition.Partition.Stream, 1);
        await using var group = _partition.Partition.Join("other", TimeSpan.FromMinutes(1));
        await group.Reader.ReadAsync(1, TimeSpan.FromSeconds(1), CancellationToken.None);
        _watch.ReadFails = true;
        await WatchAsync(Limit * 1.1);
        Assert.NotEmpty(_heartbeats.Stuck());
    }

    [Fact]
    public async Task An_idle_consumer_is_not_stuck_whatever_others_have_in_work()
    {
        await Mails.AppendAsync(_partition.Partition.Stream, 1);
        await using var group = _partition.Partition.Join("other", TimeSpan.FromMinutes(1));
        await group.Reader.ReadAsync(1, TimeSpan.FromSeconds(1), CancellationToken.None);
        await WatchAsync(Limit * 3);
        Assert.Empty(_heartbeats.Stuck());
    }

    [Fact]
    public async Task One_slow_email_beside_successes_is_not_stuck()
    {
        await StartAsync(2);
        for (uint uid = 3; uid < 6; uid++)
        {
            await WatchAsync(Limit * 0.9);
            var written = _consumer.Written;
            _gate.Release();
            await Eventually.TrueAsync(() => _consumer.Written > written, "one email is done");
            await StartAsync(uid);
        }

        Assert.Empty(_heartbeats.Stuck());
    }

    [Fact]
    public async Task An_open_circuit_is_not_a_stuck_consumer()
    {
        await Mails.AppendAsync(_partition.Partition.Stream, 1);
        _circuits.All[0].Opened(TimeSpan.FromHours(1));
        await WatchAsync(Limit * 3);
        Assert.Empty(_heartbeats.Stuck());
        _circuits.All[0].Closed();
        await WatchAsync(Limit * 0.9);
        Assert.Empty(_heartbeats.Stuck());
        await WatchAsync(Limit * 0.2);
        Assert.NotEmpty(_heartbeats.Stuck());
    }

    [Fact]
    public async Task A_paused_consumer_with_waiting_work_is_not_stuck_and_its_time_begins_when_it_is_resumed()
    {
        await Mails.AppendAsync(_partition.Partition.Stream, 1);
        await WatchAsync(Limit * 0.9);
        await SetPausedAsync(true);
        await WatchAsync(Limit * 3);
        Assert.Empty(_heartbeats.Stuck());

        await SetPausedAsync(false);
        await WatchAsync(Limit * 0.9);
        Assert.Empty(_heartbeats.Stuck());
        await WatchAsync(Limit * 0.2);
        Assert.NotEmpty(_heartbeats.Stuck());
    }

    [Fact]
    public async Task A_paused_consumer_whose_work_never_ends_is_stuck()
    {
        await StartAsync(1);
        await SetPausedAsync(true);
        await WatchAsync(Limit * 1.1);
        Assert.NotEmpty(_heartbeats.Stuck());
    }

    [Fact]
    public async Task A_consumer_that_could_not_read_before_its_pause_is_not_stuck_in_it()
    {
        await Mails.AppendAsync(_partition.Partition.Stream, 1);
        await using var group = _partition.Partition.Join("other", TimeSpan.FromMinutes(1));
        await group.Reader.ReadAsync(1, TimeSpan.FromSeconds(1), CancellationToken.None);
        _watch.ReadFails = true;
        await SetPausedAsync(true);
        await WatchAsync(Limit * 3);
        Assert.Empty(_heartbeats.Stuck());
    }

    [Fact]
    public async Task A_Redis_that_does_not_answer_is_not_a_stuck_consumer()
    {
        await StartAsync(1);
        await WatchAsync(Limit * 0.9);
        var options = Options.Create(
            new StreamOptions { ConnectionString = $"127.0.0.1:{Loopback.FreePort()},abortConnect=true,connectTimeout=200" });
        await using var away = StreamConnection.Create(options);
        var watch = new ProgressWatch(
            _consumer, new StreamInspector(_partition.Keys, away, _time), _circuits, _heartbeats, Loop, Limit, _time);
        await watch.PassAsync(TestContext.Current.CancellationToken);
        await WatchAsync(Limit * 0.9);
        Assert.Empty(_heartbeats.Stuck());
    }

    // After a sleep of the machine or a SIGSTOP, the time did not pass for the process.
    [Fact]
    public async Task A_pause_of_the_process_does_not_count_as_time_without_success()
    {
        await StartAsync(1);
        await WatchAsync(TimeSpan.FromMinutes(1));
        _time.Advance(TimeSpan.FromHours(8));
        await _watch.PassAsync(TestContext.Current.CancellationToken);
        Assert.Empty(_heartbeats.Stuck());
    }

    private async Task SetPausedAsync(bool paused)
    {
        if (paused)
            await _control.PauseAsync(ControlState.ConsumersField, "test", null, TestContext.Current.CancellationToken);
        else
            await _control.ResumeAsync(ControlState.ConsumersField, "test", TestContext.Current.CancellationToken);
    }

    private async Task WatchAsync(TimeSpan duration)
    {
        for (var until = _time.GetUtcNow() + duration; _time.GetUtcNow() < until;)
        {
            _time.Advance(TimeSpan.FromSeconds(30));
            await _watch.PassAsync(TestContext.Current.CancellationToken);
        }
    }

    // Starts emails up to this UID and keeps them in work.
    private async Task StartAsync(uint uid)
    {
        await Mails.AppendAsync(_partition.Partition.Stream, (int)uid);
        await Eventually.TrueAsync(
            async () =>
            {
                await _consumer.PassAsync(TestContext.Current.CancellationToken);
                return (await _partition.Database.StreamGroupInfoAsync(_partition.Keys.Stream)).Single().Lag == 0;
            },
            "all is read");
    }
}
