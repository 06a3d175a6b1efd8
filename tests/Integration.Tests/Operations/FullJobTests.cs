using EmailIngestion.Integration.Tests.Consuming;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Operations.Jobs;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Jobs;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Operations;

/// <summary>Jobs that meet a full Redis (maxmemory, noeviction), in two processes of which one is killed meanwhile.</summary>
public sealed class FullJobTests(TestServers servers) : IAsyncLifetime
{
    private const int Count = 200;

    private static readonly FailureRecord Failure = FailureRecord.Of(DeadLetterReasons.Permanent, "Error", "broken");
    private static readonly FailureRecord Other = FailureRecord.Of(DeadLetterReasons.Permanent, "OtherError", "another cause");

    private readonly TestPartition _partition = new(servers);
    private readonly List<ConsumerProcess> _processes = [];
    private OwnRedisServer _redis = null!;
    private StreamPartition _stream = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _redis = await OwnRedisServer.StartAsync(new(), options => options.Partitions.Add(_partition.Name));
        _stream = new StreamPartition(_partition.Name, _redis.Connection, _redis.Options, TimeProvider.System);
        await _stream.Stream.EnsureGroupAsync(Cancel);
        await Mails.AppendAsync(_stream.Stream, Count + 10);
        await using var group = _stream.Join("tester", TimeSpan.FromMinutes(1));
        for (var moved = 0; moved < Count + 10;)
        {
            foreach (var delivery in await group.Reader.ReadAsync(50, TimeSpan.FromSeconds(5), Cancel))
                Assert.True(await _stream.DeadLetters.MoveAsync(delivery, "tester", moved++ < Count ? Failure : Other, Cancel));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _processes.ForEach(one => one.Dispose());
        await _redis.DisposeAsync();
        await _partition.DisposeAsync();
    }

    [Fact]
    public async Task A_replay_waits_for_room_also_in_the_process_that_takes_it_over()
    {
        Start("one", "two");
        var id = await CreateAsync("replay", Failure);
        var job = await UntilAsync(id, one => one.Done is > 20 and < Count, "it is in the middle");

        await LimitAsync(1);
        job = await UntilAsync(id, one => one.State == JobState.Waiting, "it waits");
        Assert.Equal(JobRun.MemoryFull, job.Reason);
        _processes.Single(one => job.Process.Contains($"-{one.Id}-", StringComparison.Ordinal)).Kill();
        var heir = await UntilAsync(id, one => one.Process != job.Process && one.State == JobState.Waiting, "the other process waits");
        Assert.Equal((JobRun.MemoryFull, job.Done), (heir.Reason, heir.Done));
        await LimitAsync(0);

        job = await UntilAsync(id, one => one.HasEnded, "it has ended");
        Assert.Equal(
            (JobState.Completed, "", (long)Count, 0L, 0L), (job.State, job.Reason, job.Done, job.Skipped, job.Failed));
        await AssertEffectsAsync(replayed: Count, left: 10);
    }

    [Fact]
    public async Task A_purge_goes_on_while_Redis_is_full_and_a_replay_waits()
    {
        Start("one", "two");
        await LimitAsync(1);
        var replay = await CreateAsync("replay", Failure);
        Assert.Equal(JobRun.MemoryFull, (await UntilAsync(replay, one => one.State == JobState.Waiting, "it waits")).Reason);
        var purge = await UntilAsync(await CreateAsync("purge", Other), one => one.HasEnded, "the purge has ended");
        Assert.Equal((JobState.Completed, 10L, 0L, 0L), (purge.State, purge.Done, purge.Skipped, purge.Failed));
        Assert.Equal(Count, await _redis.Database.StreamLengthAsync(_stream.Keys.DeadLetters));
        await LimitAsync(0);

        Assert.Equal((long)Count, (await UntilAsync(replay, one => one.HasEnded, "it has ended")).Done);
        await AssertEffectsAsync(replayed: Count, left: 0);
    }

    [Fact]
    public async Task A_purge_of_what_a_waiting_replay_has_selected_follows_it()
    {
        Start("one");
        await LimitAsync(1);
        var replay = await CreateAsync("replay", Failure);
        await UntilAsync(replay, one => one.State == JobState.Waiting, "it waits");
        var purge = await CreateAsync("purge", null);
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, Cancel);
        Assert.Equal(JobState.Queued, (await FindAsync(purge)).State);
        await LimitAsync(0);

        Assert.Equal((long)Count, (await UntilAsync(replay, one => one.HasEnded, "it has ended")).Done);
        var purged = await UntilAsync(purge, one => one.HasEnded, "the purge has ended");
        Assert.Equal((JobState.Completed, 10L), (purged.State, purged.Done));
        await AssertEffectsAsync(replayed: Count, left: 0);
    }

    [Fact]
    public async Task A_purge_of_what_a_waiting_replay_has_left_behind_goes_first()
    {
        // Without a message the replay leaves it.
        var first = (await _redis.Database.StreamRangeAsync(_stream.Keys.DeadLetters, count: 1))[0].Id;
        await _redis.Database.KeyDeleteAsync(_stream.Keys.DeadLetterBody(first!));
        Start("one");
        var replay = await CreateAsync("replay", Failure);
        await UntilAsync(replay, one => one.Done is > 20 and < Count, "it is in the middle");
        await LimitAsync(1);
        var waiting = await UntilAsync(replay, one => one.State == JobState.Waiting, "it waits");

        var purge = await CreateAsync("purge", null, waiting.Position);
        var purged = await UntilAsync(purge, one => one.HasEnded, "the purge has ended");
        Assert.Equal((JobState.Completed, 1L), (purged.State, purged.Done));
        Assert.False((await FindAsync(replay)).HasEnded);
        await LimitAsync(0);

        var replayed = await UntilAsync(replay, one => one.HasEnded, "it has ended");
        Assert.Equal((Count - 1, 1L), (replayed.Done, replayed.Failed));
        await AssertEffectsAsync(replayed: Count - 1, left: 10);
    }

    private void Start(params string[] names)
    {
        foreach (var name in names)
        {
            // Four seconds for a replay, so that it is met in the middle.
            _processes.Add(ConsumerProcess.Start(
                _partition, name, ("Streams:ConnectionString", _redis.Options.Value.ConnectionString), ("Operations:ReplayRate", "50")));
        }
    }

    private Task<RedisResult> LimitAsync(long bytes) => _redis.Database.ExecuteAsync("CONFIG", "SET", "maxmemory", bytes);

    private async Task<string> CreateAsync(string kind, FailureRecord? failure, string? until = null)
    {
        var last = until ?? (await _redis.Database.StreamInfoAsync(_stream.Keys.DeadLetters)).LastGeneratedId;
        var filter = failure is null ? "{}" : $$"""{"fingerprint":"{{failure.Fingerprint}}"}""";
        var (_, job) = await _stream.Jobs.CreateAsync(new NewJob(kind, filter, Count, "tester", $"bulk-{kind}") { Until = last! }, Cancel);
        return job!.Id;
    }

    private async Task<Job> FindAsync(string id) => (await _stream.Jobs.FindAsync(id, Cancel))!;

    private async Task<Job> UntilAsync(string id, Func<Job, bool> condition, string what)
    {
        var job = await FindAsync(id);
        await Eventually.TrueAsync(async () => condition(job = await FindAsync(id)), what);
        return job;
    }

    // Each was appended once and replayed once, and each replay was processed.
    private async Task AssertEffectsAsync(int replayed, int left)
    {
        Assert.Equal(left, await _redis.Database.StreamLengthAsync(_stream.Keys.DeadLetters));
        await Consumers.DrainedAsync(_redis.Database, _stream.Keys);
        var stream = (RedisResult[])(await _redis.Database.ExecuteAsync("XINFO", "STREAM", (RedisKey)_stream.Keys.Stream))!;
        Assert.Equal(Count + 10 + replayed, (int)stream[Array.FindIndex(stream, field => (string?)field == "entries-added") + 1]);
        Assert.Equal(replayed, await Consumers.ProcessedAsync(_redis.Database, _stream.Keys));
    }
}
