using EmailIngestion.Bodies;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Streams;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams;

/// <summary>Tests that a write that fails leaves nothing open, whatever its store and its circuit do.</summary>
public sealed class BodyUploadTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();
    private readonly BlockingGate _gate = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _gate.Dispose();

    [Fact]
    public async Task Uploads_that_fail_while_the_circuit_opens_leave_nothing_behind()
    {
        var store = new WriterStore(() => { }, piece =>
        {
            if (piece == 2)
                throw new BodyStoreException(BodyFailure.Unavailable, "No space left on device");
        });
        var bodies = Bodies(store);
        var uploads = Enumerable.Range(0, 5).Select(_ => bodies.BeginUpload()).ToArray();
        foreach (var upload in uploads)
            await upload.WriteAsync(new byte[] { 1 }, Cancel);
        Assert.Equal(uploads.Length, store.Open);

        foreach (var upload in uploads.Append(uploads[0]))
            await Assert.ThrowsAsync<BodyStoreException>(() => upload.WriteAsync(new byte[] { 2 }, Cancel));
        var refused = await Assert.ThrowsAsync<BodyStoreException>(() => uploads[0].WriteAsync(new byte[] { 1 }, Cancel));
        Assert.NotNull(refused.RetryAfter);
        foreach (var upload in uploads)
            await upload.DisposeAsync();

        Assert.Equal(0, store.Open);
        await Assert.ThrowsAsync<BodyStoreException>(() => bodies.BeginUpload().WriteAsync(new byte[] { 1 }, Cancel));
    }

    [Fact]
    public async Task The_end_of_an_upload_says_nothing_of_its_store()
    {
        var store = new WriterStore(() => { }, piece =>
        {
            if (piece == 2)
                throw new BodyStoreException(BodyFailure.Unavailable, "No space left on device");
        });
        var bodies = Bodies(store);
        var upload = bodies.BeginUpload();
        await upload.WriteAsync(new byte[] { 1 }, Cancel);
        for (var time = 0; time < 3; time++)
            await Assert.ThrowsAsync<BodyStoreException>(() => upload.WriteAsync(new byte[] { 2 }, Cancel));
        _time.Advance(TimeSpan.FromSeconds(6));

        await upload.DisposeAsync();

        // The next call tests the store, and its failure opens the circuit again.
        var next = bodies.BeginUpload();
        Assert.Null((await Assert.ThrowsAsync<BodyStoreException>(() => next.WriteAsync(new byte[] { 2 }, Cancel))).RetryAfter);
        Assert.NotNull((await Assert.ThrowsAsync<BodyStoreException>(() => next.WriteAsync(new byte[] { 2 }, Cancel))).RetryAfter);
        await next.DisposeAsync();
        Assert.Equal(0, store.Open);
    }

    [Fact]
    public async Task A_write_whose_beginning_ends_after_the_upload_leaves_nothing_behind()
    {
        var begun = new TaskCompletionSource();
        var store = new WriterStore(
            _gate.Block,
            _ => begun.SetResult());
        var upload = Bodies(store).BeginUpload();
        var write = Task.Run(() => upload.WriteAsync(new byte[] { 1 }, Cancel), Cancel);
        await _gate.BlocksAsync();
        _time.Advance(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<BodyStoreException>(() => write.WaitAsync(Deadline, TimeProvider.System, Cancel));
        await upload.DisposeAsync();
        Assert.Equal(0, store.Ended);

        _gate.Open();

        Assert.True(SpinWait.SpinUntil(() => store is { Open: 0, Ended: 1 }, Deadline));
        Assert.False(begun.Task.IsCompleted);
    }

    private GuardedBodies Bodies(IBodyStore store) =>
        new(new BodyStores(new BodiesOptions { Store = BodyStoreKind.Folder }, [store]), _time);
}
