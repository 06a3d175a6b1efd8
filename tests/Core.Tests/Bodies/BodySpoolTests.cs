using EmailIngestion.Bodies;
using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Core.Tests.Bodies;

public sealed class BodySpoolTests : IDisposable
{
    private const int Limit = 1_000;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("spool").FullName;
    private readonly BodySpool _spool;

    public BodySpoolTests() => _spool = new BodySpool(_folder, "Consumer:SpoolFolder", Limit);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_file_has_no_name_and_ends_with_its_body()
    {
        var content = new byte[500];
        new Random(1).NextBytes(content);
        var spooled = (await _spool.TryCreateAsync(Body(500), Cancel))!;

        await spooled.FillAsync(new MemoryStream(content), Cancel);
        var source = spooled.Open((_, _) => { });

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
        Assert.Equal(content, source.Load(Cancel).ToArray());
        Assert.Equal(500, _spool.Used);
        spooled.Dispose();
        spooled.Dispose();
        Assert.Equal(0, _spool.Used);
        Assert.Throws<ObjectDisposedException>(() => source.Read(0, new byte[1]));
    }

    [Fact]
    public async Task One_body_waits_for_room_and_others_must_come_again()
    {
        var first = (await _spool.TryCreateAsync(Body(900), Cancel))!;
        var second = _spool.TryCreateAsync(Body(200), Cancel);
        Assert.False(second.IsCompleted);

        Assert.Null(await _spool.TryCreateAsync(Body(200), Cancel));
        // It would fit, and does not pass the one that waits.
        Assert.Null(await _spool.TryCreateAsync(Body(100), Cancel));
        first.Dispose();

        using (await second.WaitAsync(Deadline, TimeProvider.System, Cancel))
        using (await _spool.TryCreateAsync(Body(100), Cancel))
            Assert.Equal(300, _spool.Used);
        Assert.Equal(0, _spool.Used);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_alone()
    {
        var large = (await _spool.TryCreateAsync(Body(5_000), Cancel))!;
        var small = _spool.TryCreateAsync(Body(1), Cancel);
        Assert.False(small.IsCompleted);

        large.Dispose();

        (await small.WaitAsync(Deadline, TimeProvider.System, Cancel))!.Dispose();
    }

    [Fact]
    public async Task A_wait_that_is_cancelled_lets_the_next_one_pass()
    {
        var first = (await _spool.TryCreateAsync(Body(900), Cancel))!;
        using var stop = new CancellationTokenSource();
        var cancelled = _spool.TryCreateAsync(Body(900), stop.Token);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        var next = _spool.TryCreateAsync(Body(200), Cancel);
        Assert.False(next.IsCompleted);
        first.Dispose();

        (await next.WaitAsync(Deadline, TimeProvider.System, Cancel))!.Dispose();
        Assert.Equal(0, _spool.Used);
    }

    [Fact]
    public async Task A_folder_that_is_gone_is_named_and_takes_no_room()
    {
        Directory.Delete(_folder);

        var error = await Assert.ThrowsAsync<SpoolException>(() => _spool.TryCreateAsync(Body(500), Cancel));

        Assert.Contains($"Consumer:SpoolFolder {_folder}", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, _spool.Used);
    }

    [Fact]
    public async Task A_disk_that_is_full_is_a_failure_of_the_folder_and_not_of_the_store()
    {
        using var spooled = new SpooledBody(new FileStream("/dev/full", FileMode.Open, FileAccess.Write), Body(500), _spool);

        var error = await Assert.ThrowsAsync<SpoolException>(() => spooled.FillAsync(new MemoryStream(new byte[500]), Cancel));

        Assert.Contains("No space left on device", error.Message, StringComparison.Ordinal);
    }

    private static BodyReference Body(long size)
    {
        var digest = BodyName.Digest([1]);
        return new BodyReference(BodyStoreKind.Folder, BodyName.Of("0123456789abcdef", new EmailId(1), digest), size, digest);
    }
}
