using EmailIngestion.Bodies;
using EmailIngestion.Core.Tests.Messages;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Messages;
using EmailIngestion.Streams;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams;

/// <summary>Tests the calls to a store that blocks the threads of its callers.</summary>
public sealed class GuardedBodiesTests : IDisposable
{
    // Far more than a slow machine needs.
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private static readonly string Digest = BodyName.Digest([1]);

    private static readonly BodyReference Body =
        new(BodyStoreKind.Folder, BodyName.Of("0123456789abcdef", new EmailId(1), Digest), 1, Digest);

    private readonly FakeTimeProvider _time = new();
    private readonly BlockingGate _gate = new();
    private readonly StubStore _store;
    private readonly GuardedBodies _bodies;

    public GuardedBodiesTests()
    {
        // As open() does on a volume that hangs.
        _store = new StubStore(_gate.Block);
        _bodies = new GuardedBodies(new BodyStores(new BodiesOptions { Store = BodyStoreKind.Folder }, [_store]), _time);
    }

    public void Dispose() => _gate.Dispose();

    [Fact]
    public async Task A_store_that_blocks_does_not_block_its_caller()
    {
        Task<byte[]>? read = null;
        var caller = Task.Run(() => { read = ReadAsync(); }, TestContext.Current.CancellationToken);

        await caller.WaitAsync(Deadline, TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.False(read!.IsCompleted);
    }

    [Fact]
    public async Task A_body_that_Redis_gets_with_its_entry_is_named_without_a_wait()
    {
        var streams = Options.Create(new StreamOptions { ConnectionString = "127.0.0.1:1" });
        await using var connection = StreamConnection.Create(streams);
        var options = new BodiesOptions { InlineLimit = 4_096 };
        var bodies = new GuardedBodies(new BodyStores(options, [new RedisBodyStore(new StreamKeys("").Bodies, connection)]), _time);
        List<AppendItem> step = [new AppendItem(Mail.Of(new byte[5_000]), [])];

        var write = bodies.TryWriteAsync(step, TestContext.Current.CancellationToken);

        Assert.True(write.IsCompleted);
        Assert.Null(await write);
        Assert.Equal((BodyStoreKind.Redis, 5_000), (step[0].Body!.Store, step[0].Body!.Size));
    }

    [Fact]
    public async Task Calls_that_block_time_out_and_open_the_circuit()
    {
        foreach (var failure in await HangAsync(2))
        {
            Assert.Equal(BodyFailure.Unavailable, failure.Failure);
            Assert.Contains("has not answered within", failure.Message, StringComparison.Ordinal);
        }

        var refused = await FailureAsync(ReadAsync());

        Assert.Equal((BodyFailure.Unavailable, 2), (refused.Failure, _store.Calls));
        Assert.InRange(refused.RetryAfter!.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Calls_that_block_one_after_the_other_open_the_circuit()
    {
        await HangAsync(1);
        await HangAsync(1);

        var refused = await FailureAsync(ReadAsync());

        Assert.Equal((BodyFailure.Unavailable, 2), (refused.Failure, _store.Calls));
        Assert.Contains("has not answered within", refused.Message, StringComparison.Ordinal);
        Assert.InRange(refused.RetryAfter!.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task One_call_at_a_time_tests_a_store_that_blocked_and_its_answer_closes_the_circuit()
    {
        await HangAsync(1);
        await HangAsync(1);
        AfterBreak();
        var test = Task.Run(ReadAsync, TestContext.Current.CancellationToken);
        await CalledAsync(3);
        AfterBreak();

        await FailureAsync(ReadAsync());
        Assert.Equal(3, _store.Calls);
        _gate.Open();

        Assert.Equal(BodyFailure.Missing, (await FailureAsync(test)).Failure);
        Assert.Equal(BodyFailure.Missing, (await FailureAsync(ReadAsync())).Failure);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_ends_at_once_while_the_store_blocks()
    {
        using var stop = new CancellationTokenSource();
        var read = Task.Run(() => _bodies.ReadAsync(Body, stop.Token), TestContext.Current.CancellationToken);
        await CalledAsync(1);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => read.WaitAsync(Deadline, TimeProvider.System, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task No_call_starts_while_too_many_abandoned_ones_run()
    {
        await HangAsync(BodyCircuit.MostAbandoned);
        AfterBreak();

        var refused = await FailureAsync(ReadAsync());
        Assert.Equal((BodyFailure.Unavailable, BodyCircuit.MostAbandoned), (refused.Failure, _store.Calls));
        Assert.Contains("hangs", refused.Message, StringComparison.Ordinal);

        _gate.Open();
        var started = TimeProvider.System.GetTimestamp();
        BodyStoreException answer;
        do
        {
            AfterBreak();
            answer = await FailureAsync(ReadAsync());
        }
        while (answer.Failure == BodyFailure.Unavailable && TimeProvider.System.GetElapsedTime(started) < Deadline);
        Assert.Equal(BodyFailure.Missing, answer.Failure);
    }

    private Task<byte[]> ReadAsync() => _bodies.ReadAsync(Body, TestContext.Current.CancellationToken);

    // Starts calls, waits until they block, and lets their time pass.
    private async Task<BodyStoreException[]> HangAsync(int calls)
    {
        var before = _store.Calls;
        var reads = Enumerable.Range(0, calls).Select(_ => Task.Run(ReadAsync, TestContext.Current.CancellationToken)).ToArray();
        await CalledAsync(before + calls);
        _time.Advance(TimeSpan.FromMinutes(1));
        return await Task.WhenAll(reads.Select(FailureAsync));
    }

    private async Task CalledAsync(int calls)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (_store.Calls < calls)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Deadline, "The store was not called.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private void AfterBreak() => _time.Advance(TimeSpan.FromSeconds(6));

    private static async Task<BodyStoreException> FailureAsync(Task<byte[]> read) =>
        await Assert.ThrowsAsync<BodyStoreException>(
            () => read.WaitAsync(Deadline, TimeProvider.System, TestContext.Current.CancellationToken));
}
