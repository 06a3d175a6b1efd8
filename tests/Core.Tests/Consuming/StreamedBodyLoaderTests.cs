using EmailIngestion.Bodies;
using EmailIngestion.Consuming;
using EmailIngestion.Core.Tests.Bodies;
using EmailIngestion.Core.Tests.Messages;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Messages;
using EmailIngestion.Streams;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Core.Tests.Consuming;

/// <summary>Tests how the body of a large email comes into its local file.</summary>
public sealed class StreamedBodyLoaderTests : IDisposable
{
    private const int Bytes = 5 * 1024 * 1024;

    private static readonly byte[] Content = new byte[Bytes];
    private static readonly string Digest = BodyName.Digest(Content);

    private readonly string _folder = Directory.CreateTempSubdirectory("spool").FullName;
    private readonly FakeTimeProvider _time = new();
    private readonly BodySpool _spool;

    public StreamedBodyLoaderTests() => _spool = new BodySpool(_folder, "Consumer:SpoolFolder", 100 * Bytes);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task It_is_in_a_file_and_not_in_memory_until_it_is_asked_for()
    {
        using var budget = new ByteBudget(8 * Bytes);
        using var lease = new Lease(Delivery(Bytes), TimeSpan.FromMinutes(1), _time, budget);
        var free = budget.Room.Free;
        using var loaded = await LoadAsync(lease, () => new MemoryStream(Content));

        await using (var stream = loaded.Message!.OpenRaw())
            Assert.Equal(Bytes, stream.Length);
        Assert.Equal((free, 8 * Bytes - BodyReference.MaxInMemory, (long)Bytes), (budget.Room.Free, free, _spool.Used));

        Assert.Equal(Content, loaded.Message.Raw.ToArray());
        Assert.Equal(Content, loaded.Message.Raw.ToArray());

        Assert.Equal(free - Bytes, budget.Room.Free);
        loaded.Dispose();
        lease.Dispose();
        Assert.Equal((8L * Bytes, 0L), (budget.Room.Free, _spool.Used));
    }

    [Fact]
    public async Task Another_body_than_its_reference_says_is_never_given_to_a_processor()
    {
        byte[] other = [.. Content[1..], 1];
        using var lease = new Lease(Delivery(Bytes), TimeSpan.FromMinutes(1), _time);

        using var loaded = await LoadAsync(lease, () => new MemoryStream(other));

        Assert.Null(loaded.Message);
        Assert.Equal(DeadLetterReasons.BodyMismatch, Assert.IsType<Outcome.DeadLetter>(loaded.Outcome).Failure.Reason);
        Assert.Equal(0, _spool.Used);
    }

    [Fact]
    public async Task A_store_that_breaks_in_the_middle_does_not_count_as_a_delivery()
    {
        using var lease = new Lease(Delivery(Bytes), TimeSpan.FromMinutes(1), _time);

        using var loaded = await LoadAsync(lease, () => new HangingStream(Bytes / 2, _ => throw new IOException("gone")));

        Assert.IsType<Outcome.Rejected>(loaded.Outcome);
        Assert.Equal(0, _spool.Used);
    }

    [Fact]
    public async Task A_store_that_hangs_in_the_middle_does_not_count_as_a_delivery()
    {
        var hangs = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // As a read of a mount that hangs: it does not observe its token.
        var never = new TaskCompletionSource();
        using var lease = new Lease(Delivery(Bytes), TimeSpan.FromHours(1), _time);
        var loading = LoadAsync(lease, () => new HangingStream(Bytes / 2, _ =>
        {
            hangs.TrySetResult();
            return never.Task;
        }));
        await hangs.Task.WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System, Cancel);

        // A minute, and a second for each mebibyte.
        _time.Advance(TimeSpan.FromSeconds(64));
        Assert.False(loading.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));

        using var loaded = await loading.WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System, Cancel);
        Assert.IsType<Outcome.Rejected>(loaded.Outcome);
        Assert.Equal(0, _spool.Used);
        never.SetException(new IOException("late"));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_does_not_count_as_a_delivery()
    {
        Directory.Delete(_folder);
        using var lease = new Lease(Delivery(Bytes), TimeSpan.FromMinutes(1), _time);

        using var loaded = await LoadAsync(lease, () => new MemoryStream(Content));

        Assert.Equal(TimeSpan.FromSeconds(10), Assert.IsType<Outcome.Rejected>(loaded.Outcome).Wait);
    }

    [Fact]
    public void A_reference_whose_size_lies_is_charged_with_what_is_held()
    {
        using var budget = new ByteBudget(8 * Bytes);

        using var lease = new Lease(Delivery(BodyReference.MaxSize), TimeSpan.FromMinutes(1), _time, budget);

        Assert.Equal((8 * Bytes) - BodyReference.MaxInMemory, budget.Room.Free);
    }

    private static Delivery Delivery(long size) => new("1-1", 1, Mail.Of(""), null)
    {
        Body = new BodyReference(BodyStoreKind.Folder, BodyName.Of("0123456789abcdef", new EmailId(1), Digest), size, Digest),
    };

    private async Task<LoadedEmail> LoadAsync(Lease lease, Func<Stream> content)
    {
        var store = new StubStore(() => { }, content);
        var bodies = new GuardedBodies(new BodyStores(new BodiesOptions { Store = BodyStoreKind.Folder }, [store]), _time);
        var streams = Options.Create(new StreamOptions { ConnectionString = "127.0.0.1:1" });
        await using var connection = StreamConnection.Create(streams);
        var loader = new BodyLoader(
            new StreamPartitions(connection, streams, _time),
            _spool,
            Options.Create(new ConsumerOptions()),
            _time,
            NullLogger<BodyLoader>.Instance);
        return await loader.LoadAsync(lease, bodies, "");
    }
}
