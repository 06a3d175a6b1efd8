using EmailIngestion.Bodies;
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
    private readonly ManualResetEventSlim _gate = new();
    private readonly SemaphoreSlim _blocks = new(0);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _gate.Set();

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
            if (index != at)
                return;
            _blocks.Release();
            _gate.Wait(CancellationToken.None);
        });
        var listing = Task.Run(() => NamesAsync(new GuardedBodyStore(store, new BodyCircuit(BodyStoreKind.Folder, _time))), Cancel);
        Assert.True(await _blocks.WaitAsync(Deadline, Cancel));

        _time.Advance(TimeSpan.FromMinutes(1));

        var error = await Assert.ThrowsAsync<BodyStoreException>(() => listing.WaitAsync(Deadline, TimeProvider.System, Cancel));
        Assert.Equal(BodyFailure.Unavailable, error.Failure);
    }

    private static async Task<List<string>> NamesAsync(GuardedBodyStore store)
    {
        var names = new List<string>();
        await foreach (var body in store.ListAsync(DateTimeOffset.MaxValue, CancellationToken.None))
            names.Add(body.Name);
        return names;
    }
}
