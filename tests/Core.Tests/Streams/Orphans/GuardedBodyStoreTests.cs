using EmailIngestion.Bodies;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Orphans;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams.Orphans;

/// <summary>Tests the maintenance of a store whose file system hangs.</summary>
public sealed class GuardedBodyStoreTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();
    private readonly BlockingGate _gate = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _gate.Dispose();

    [Fact]
    public async Task A_long_list_is_complete_and_in_order()
    {
        var names = await NamesAsync(new GuardedBodyStore(new ListedStore(1_001, _ => { }), new BodyCircuit(BodyStoreKind.Folder, _time)));

        Assert.Equal(Enumerable.Range(0, 1_001).Select(index => $"{index}"), names);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(400)]
    public async Task A_list_that_blocks_ends_in_time(int at)
    {
        var store = new ListedStore(1_001, index =>
        {
            if (index == at)
                _gate.Block();
        });
        var listing = Task.Run(() => NamesAsync(new GuardedBodyStore(store, new BodyCircuit(BodyStoreKind.Folder, _time))), Cancel);
        await _gate.BlocksAsync();

        _time.Advance(TimeSpan.FromMinutes(1));

        var error = await Assert.ThrowsAsync<BodyStoreException>(() => listing.WaitAsync(Deadline, TimeProvider.System, Cancel));
        Assert.Equal(BodyFailure.Unavailable, error.Failure);
    }

    [Fact]
    public async Task A_list_that_was_given_up_ends_when_the_file_system_answers()
    {
        var store = new ListedStore(100_000, index =>
        {
            if (index == 100)
                _gate.Block();
        });
        var listing = Task.Run(() => NamesAsync(new GuardedBodyStore(store, new BodyCircuit(BodyStoreKind.Folder, _time))), Cancel);
        await _gate.BlocksAsync();
        _time.Advance(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<BodyStoreException>(() => listing.WaitAsync(Deadline, TimeProvider.System, Cancel));

        _gate.Open();

        await store.Disposed.Task.WaitAsync(Deadline, TimeProvider.System, Cancel);
        Assert.Equal(101, store.Listed);
    }

    [Fact]
    public async Task A_long_list_on_a_slow_file_system_is_complete()
    {
        // 200 ms a file: more than three minutes in all.
        var store = new ListedStore(1_001, _ => _time.Advance(TimeSpan.FromMilliseconds(200)));

        var names = await NamesAsync(new GuardedBodyStore(store, new BodyCircuit(BodyStoreKind.Folder, _time)));

        Assert.Equal(1_001, names.Count);
    }

    [Fact]
    public async Task A_list_whose_reader_fails_is_disposed()
    {
        var store = new ListedStore(1_001, _ => { });
        var bodies = new GuardedBodyStore(store, new BodyCircuit(BodyStoreKind.Folder, _time));

        await foreach (var _ in bodies.ListAsync(DateTimeOffset.MaxValue, Cancel))
            break;

        Assert.True(store.Disposed.Task.IsCompleted);
    }

    private static async Task<List<string>> NamesAsync(GuardedBodyStore store)
    {
        var names = new List<string>();
        await foreach (var body in store.ListAsync(DateTimeOffset.MaxValue, CancellationToken.None))
            names.Add(body.Name);
        return names;
    }
}
