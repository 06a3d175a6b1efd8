using System.Collections.Concurrent;
using EmailIngestion.Bodies;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>Tests consumers with emails whose messages are in a store of bodies.</summary>
public sealed class LargeEmailTests(TestServers servers)
{
    private const int MiB = 1024 * 1024;

    public static TheoryData<BodyStoreKind> Stores => [BodyStoreKind.Redis, BodyStoreKind.Folder];

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_processor_gets_the_message_byte_for_byte(BodyStoreKind store)
    {
        await using var partition = Partition(store);
        var (_, item) = await LargeMails.AppendAsync(partition, bytes: 3 * MiB);
        var seen = new ConcurrentQueue<byte[]>();
        var script = new ProcessorScript(async (message, token) =>
        {
            seen.Enqueue(message.Raw.ToArray());
            await using var stream = message.OpenRaw();
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy, token);
            seen.Enqueue(copy.ToArray());
        });

        await partition.StartConsumerAsync(Settings(partition), script);
        await partition.DrainedAsync();

        Assert.Equal([item.Message.Raw.ToArray(), item.Message.Raw.ToArray()], seen);
        Assert.Empty(await partition.ReferersAsync());
        Assert.Equal(1, await Consumers.ProcessedAsync(partition.Database, partition.Keys));
        if (store == BodyStoreKind.Redis)
            Assert.False(await partition.HasBodyAsync(item.Body!));
    }

    [Theory]
    [InlineData(BodyStoreKind.Redis, true)]
    [InlineData(BodyStoreKind.Redis, false)]
    [InlineData(BodyStoreKind.Folder, true)]
    [InlineData(BodyStoreKind.Folder, false)]
    public async Task A_body_that_somebody_changed_is_dead_lettered_and_not_processed(BodyStoreKind store, bool sameSize)
    {
        await using var partition = Partition(store);
        var (_, item) = await LargeMails.AppendAsync(partition);
        var changed = LargeMails.Raw(2, sameSize ? LargeMails.Bytes : LargeMails.Bytes - 1);
        await ReplaceAsync(partition, item.Body!, changed);
        var script = new ProcessorScript(Consumers.Completes);

        await partition.StartConsumerAsync(Settings(partition), script);
        var deadLetter = await partition.OnlyDeadLetterAsync();

        Assert.Equal((DeadLetterReasons.BodyMismatch, 1), (deadLetter.Reason, deadLetter.DeliveryCount));
        Assert.Empty(script.Runs);
        Assert.Equal($"{LargeMails.Bytes} d:{deadLetter.Id}", Assert.Single(await partition.ReferersAsync()).Value);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_body_that_is_missing_is_asked_for_until_the_last_delivery(BodyStoreKind store)
    {
        await using var partition = Partition(store);
        var (_, item) = await LargeMails.AppendAsync(partition);
        await DeleteAsync(partition, item.Body!);
        var script = new ProcessorScript(Consumers.Completes);

        await partition.StartConsumerAsync(Settings(partition), script, ("Consumer:MaxDeliveries", "2"), ("Consumer:Lease", "00:00:02"));
        var deadLetter = await partition.OnlyDeadLetterAsync();

        Assert.Equal((DeadLetterReasons.BodyMissing, 2), (deadLetter.Reason, deadLetter.DeliveryCount));
        Assert.Empty(script.Runs);
    }

    [Fact]
    public async Task A_missing_body_that_comes_back_is_processed()
    {
        await using var partition = Partition(BodyStoreKind.Folder);
        var (_, item) = await LargeMails.AppendAsync(partition);
        await DeleteAsync(partition, item.Body!);
        var script = new ProcessorScript(Consumers.Completes);
        await partition.StartConsumerAsync(Settings(partition), script, ("Consumer:Lease", "00:00:02"));
        await Eventually.TrueAsync(
            async () => (await RedisState.PendingAsync(partition.Database, partition.Keys.Stream)).Any(line => line.Contains("(retry)")),
            "it waits for its retry");

        await ReplaceAsync(partition, item.Body!, item.Message.Raw.ToArray());

        await partition.DrainedAsync();
        Assert.Equal([1u], script.Completed);
        Assert.Empty(await partition.Partition.DeadLetters.ListAsync(10, null, null, null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task While_the_store_is_away_large_mail_waits_uncounted_and_small_mail_goes_on()
    {
        await using var partition = Partition(BodyStoreKind.Folder);
        var (cursor, _) = await LargeMails.AppendAsync(partition);
        var away = $"{partition.Bodies}-away";
        Directory.Move(partition.Bodies, away);
        await partition.Partition.Stream.AppendAsync(
            Mails.Mailbox, cursor, 1, Mails.Items(2, 30), Mails.Window, TestContext.Current.CancellationToken);
        var counts = new ConcurrentQueue<int>();
        var script = new ProcessorScript(Consumers.Completes);
        await partition.StartConsumerAsync(Settings(partition), script, ("Consumer:MaxDeliveries", "2"), ("Consumer:Lease", "00:00:02"));
        await Eventually.TrueAsync(() => script.Completed.Length == 29, "small mail is processed");
        var postponed = partition.Keys.Postponed;
        var waits = new HashSet<string>(StringComparer.Ordinal);
        await Eventually.TrueAsync(
            async () =>
            {
                foreach (var field in await partition.Database.HashGetAllAsync(postponed))
                    waits.Add((string)field.Value!);
                return waits.Count > 3;
            },
            "it is postponed more often than it may be delivered");

        Directory.Move(away, partition.Bodies);

        await partition.DrainedAsync();
        Assert.Equal(Mails.UidRange(1, 30), script.Completed);
        Assert.Empty(await partition.Partition.DeadLetters.ListAsync(10, null, null, null, TestContext.Current.CancellationToken));
    }

    // A volume that hangs blocks the thread that opens a file, and so does a pipe that nobody writes.
    [Fact]
    public async Task While_the_volume_hangs_small_mail_goes_on()
    {
        await using var partition = Partition(BodyStoreKind.Folder);
        var (cursor, item) = await LargeMails.AppendAsync(partition);
        var path = Path.Combine(
            partition.Bodies, BodyName.Scope(item.Body!.Name), BodyName.Local(item.Body.Name)[..2], BodyName.Local(item.Body.Name));
        File.Delete(path);
        using (var pipe = System.Diagnostics.Process.Start("mkfifo", path))
            await pipe.WaitForExitAsync(TestContext.Current.CancellationToken);
        await partition.Partition.Stream.AppendAsync(
            Mails.Mailbox, cursor, 1, Mails.Items(2, 30), Mails.Window, TestContext.Current.CancellationToken);
        var script = new ProcessorScript(Consumers.Completes);

        await partition.StartConsumerAsync(Settings(partition), script);

        try
        {
            await Eventually.TrueAsync(() => script.Completed.Length == 29, "small mail is processed", TimeSpan.FromSeconds(40));
        }
        finally
        {
            // Ends the open that hangs: a pipe that is opened for both does not wait for others.
            using var writer = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        }
    }

    [Fact]
    public async Task An_email_that_is_already_processed_needs_no_body()
    {
        await using var partition = Partition(BodyStoreKind.Redis);
        var (_, item) = await LargeMails.AppendAsync(partition);
        await DeleteAsync(partition, item.Body!);
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        await partition.Database.SetAddAsync(partition.Keys.ProcessedIds(today), item.Message.Id.ToByteArray());
        var script = new ProcessorScript(Consumers.Completes);

        await partition.StartConsumerAsync(Settings(partition), script);
        await partition.DrainedAsync();

        Assert.Empty(script.Runs);
        Assert.Empty(await partition.ReferersAsync());
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Bodies_in_work_stay_within_the_byte_limit_and_small_mail_passes(BodyStoreKind store)
    {
        const int Large = 12;
        await using var partition = Partition(store);
        var stream = partition.Partition.Stream;
        await partition.EnsureGroupAsync();
        var cursor = await Mails.StartAsync(stream);
        for (var uid = 1u; uid <= Large; uid++)
        {
            var item = await LargeMails.ItemAsync(stream, uid, 2 * MiB);
            await stream.AppendAsync(Mails.Mailbox, cursor, uid - 1, [item], Mails.Window, CancellationToken.None);
        }

        await stream.AppendAsync(Mails.Mailbox, cursor, Large, Mails.Items(Large + 1, 40), Mails.Window, CancellationToken.None);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var sum = new Lock();
        var (running, most) = (0L, 0L);
        var script = new ProcessorScript(async (message, token) =>
        {
            if (message.Raw.Length < MiB)
                return;
            lock (sum)
                most = Math.Max(most, running += message.Raw.Length);
            await gate.Task.WaitAsync(token);
            lock (sum)
                running -= message.Raw.Length;
        });
        await partition.StartConsumerAsync(Settings(partition), script, ("Consumer:MaxBytesInFlight", $"{8 * MiB}"));

        await Eventually.TrueAsync(() => script.Completed.Length == 40 - Large, "every small one is done");
        gate.SetResult();

        await partition.DrainedAsync();
        Assert.Equal(Mails.UidRange(1, 40), script.Runs);
        Assert.InRange(most, 2 * MiB, 8 * MiB);
    }

    private TestPartition Partition(BodyStoreKind store) => new(servers, bodies: bodies => bodies.Store = store);

    private static LocalSettings Settings(TestPartition partition)
    {
        var settings = partition.Settings();
        settings["Bodies:Folder"] = partition.Bodies;
        settings["Consumer:LeaseRenewal"] = "00:00:00.500";
        return settings;
    }

    private static Task ReplaceAsync(TestPartition partition, BodyReference body, byte[] content) =>
        body.Store == BodyStoreKind.Redis
            ? partition.Database.StringSetAsync(partition.Keys.Bodies.Body(body.Name), content)
            : partition.Partition.Bodies.Of(body).WriteAsync(body, new MemoryStream(content), CancellationToken.None);

    private static async Task DeleteAsync(TestPartition partition, BodyReference body)
    {
        var store = partition.Partition.Bodies.Of(body);
        Assert.True(await store.DeleteAsync((await store.FindAsync(body.Name, CancellationToken.None))!, CancellationToken.None));
    }
}
