using System.Collections.Concurrent;
using System.Security.Cryptography;
using EmailIngestion.Bodies;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>Tests consumers with emails that are processed from a local file.</summary>
public sealed class StreamedEmailTests(TestServers servers, Azurite azurite, NodePackages packages)
{
    private const int MiB = StreamedMails.MiB;

    public static TheoryData<BodyStoreKind> Stores => [.. Enum.GetValues<BodyStoreKind>()];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_processor_reads_the_stream_twice_and_the_parsed_email_and_the_whole_message(BodyStoreKind store)
    {
        await using var partition = await StreamedMails.PartitionAsync(servers, store, azurite, packages);
        var (raw, attachment) = StreamedMails.Mail(1, 6 * MiB);
        await StreamedMails.AppendAsync(partition, raw);
        var seen = new ConcurrentQueue<string>();
        var script = new ProcessorScript(async (message, token) =>
        {
            for (var time = 1; time <= 2; time++)
            {
                await using var stream = message.OpenRaw();
                seen.Enqueue(Convert.ToHexString(await SHA256.HashDataAsync(stream, token)));
            }

            seen.Enqueue($"{message.Parsed.Subject}|{message.Parsed.Text?.Trim()}");
            await using var content = message.Parsed.Attachments.Single().Open();
            seen.Enqueue(Convert.ToHexString(await SHA256.HashDataAsync(content, token)));
            seen.Enqueue(Convert.ToHexString(SHA256.HashData(message.Raw.Span)));
        });

        await partition.StartConsumerAsync(StreamedMails.Settings(partition), script);
        await partition.DrainedAsync();

        var whole = Convert.ToHexString(SHA256.HashData(raw));
        Assert.Equal([whole, whole, "Large 1|The text.", Convert.ToHexString(SHA256.HashData(attachment)), whole], seen);
        Assert.Empty(await partition.ReferersAsync());
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_large_body_that_somebody_changed_is_dead_lettered_and_never_processed(BodyStoreKind store)
    {
        await using var partition = await StreamedMails.PartitionAsync(servers, store, azurite, packages);
        var (raw, _) = StreamedMails.Mail(1, 5 * MiB);
        var body = Assert.Single(await StreamedMails.AppendAsync(partition, raw));
        byte[] changed = [.. raw];
        changed[^1000] ^= 1;
        await StreamedMails.ReplaceAsync(partition, body, changed);
        var script = new ProcessorScript(Consumers.Completes);

        await partition.StartConsumerAsync(StreamedMails.Settings(partition), script);
        var deadLetter = await partition.OnlyDeadLetterAsync();

        Assert.Equal((DeadLetterReasons.BodyMismatch, 1), (deadLetter.Reason, deadLetter.DeliveryCount));
        Assert.Empty(script.Runs);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_body_that_is_lost_or_changed_while_it_is_processed_changes_nothing(BodyStoreKind store)
    {
        await using var partition = await StreamedMails.PartitionAsync(servers, store, azurite, packages);
        var (raw, _) = StreamedMails.Mail(1, 5 * MiB);
        var body = Assert.Single(await StreamedMails.AppendAsync(partition, raw));
        var copy = new MemoryStream();
        var script = new ProcessorScript(async (message, token) =>
        {
            await using var stream = message.OpenRaw();
            var first = new byte[MiB];
            await stream.ReadExactlyAsync(first, token);
            copy.Write(first);
            await StreamedMails.ReplaceAsync(partition, body, new byte[10]);
            await StreamedMails.DeleteAsync(partition, body);
            await stream.CopyToAsync(copy, token);
        });

        await partition.StartConsumerAsync(StreamedMails.Settings(partition), script);
        await partition.DrainedAsync();

        Assert.Equal([1u], script.Completed);
        Assert.True(copy.ToArray().AsSpan().SequenceEqual(raw));
    }

    [Fact]
    public async Task A_stop_in_the_middle_releases_the_email_uncounted_and_frees_its_file()
    {
        await using var partition = await StreamedMails.PartitionAsync(servers, BodyStoreKind.Folder, azurite, packages);
        var (raw, _) = StreamedMails.Mail(1, 5 * MiB);
        await StreamedMails.AppendAsync(partition, raw);
        Stream? left = null;
        var script = new ProcessorScript(async (message, token) =>
        {
            left = message.OpenRaw();
            await left.ReadExactlyAsync(new byte[MiB], token);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        });
        var host = await partition.StartConsumerAsync(
            StreamedMails.Settings(partition), script, ("Consumer:ShutdownGrace", "00:00:00.500"), ("Consumer:Lease", "00:10:00"));
        await Eventually.TrueAsync(() => left is { Position: MiB }, "it is being read");

        await host.StopAsync(Cancel);

        var entry = Assert.Single(await partition.Database.StreamRangeAsync(partition.Keys.Stream));
        Assert.Equal([$"{entry.Id} (retry) 0"], await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
        Assert.Throws<ObjectDisposedException>(() => left!.ReadByte());

        var next = new ProcessorScript(Consumers.Completes);
        await partition.StartConsumerAsync(StreamedMails.Settings(partition), next);
        await partition.DrainedAsync();
        Assert.Equal([1u], next.Completed);
    }

    [Fact]
    public async Task While_the_local_folder_cannot_be_written_large_mail_waits_uncounted()
    {
        await using var partition = await StreamedMails.PartitionAsync(servers, BodyStoreKind.Redis, azurite, packages);
        await StreamedMails.AppendAsync(partition, StreamedMails.Mail(1, 5 * MiB).Raw, LargeMails.Raw(2));
        var spool = Directory.CreateDirectory(Path.Combine(partition.Folder, "spool")).FullName;
        var deliveries = new ConcurrentQueue<uint>();
        var script = new ProcessorScript(Consumers.Completes);
        await partition.StartConsumerAsync(
            StreamedMails.Settings(partition), script, ("Consumer:SpoolFolder", spool), ("Consumer:MaxDeliveries", "2"),
            ("Consumer:Lease", "00:00:03"), ("Consumer:LeaseRenewal", "00:00:00.300"));
        await partition.DrainedAsync();
        Directory.Delete(spool);
        await MoreAsync(partition);
        var waits = new HashSet<string>(StringComparer.Ordinal);
        await Eventually.TrueAsync(
            async () =>
            {
                foreach (var field in await partition.Database.HashGetAllAsync(partition.Keys.Postponed))
                    waits.Add((string)field.Value!);
                return waits.Count > 3;
            },
            "it is postponed more often than it may be delivered");

        Directory.CreateDirectory(spool);

        await partition.DrainedAsync();
        Assert.Equal([1u, 2, 3], script.Completed);
        Assert.Empty(await partition.DeadLettersAsync());
    }

    [Fact]
    public async Task Messages_that_are_taken_into_memory_wait_for_one_another()
    {
        const int Count = 6;
        await using var partition = await StreamedMails.PartitionAsync(servers, BodyStoreKind.Folder, azurite, packages);
        await StreamedMails.AppendAsync(partition, Enumerable.Range(1, Count).Select(uid => StreamedMails.Mail((uint)uid, 8 * MiB).Raw));
        var gate = new Lock();
        var (open, mostOpen, held, mostHeld) = (0, 0, 0L, 0L);
        var script = new ProcessorScript(async (message, token) =>
        {
            lock (gate)
                mostOpen = Math.Max(mostOpen, ++open);
            var length = message.Raw.Length;
            lock (gate)
                mostHeld = Math.Max(mostHeld, held += length);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, token);
            lock (gate)
                (open, held) = (open - 1, held - length);
        });

        // Two are in work with 4 MiB each, and none of the messages fits into what is left.
        await partition.StartConsumerAsync(
            StreamedMails.Settings(partition), script, ("Consumer:MaxBytesInFlight", $"{12 * MiB}"), ("Consumer:Lease", "00:01:00"));
        await partition.DrainedAsync();

        Assert.Equal(Mails.UidRange(1, Count), script.Runs);
        Assert.InRange(mostOpen, 2, Count);
        Assert.InRange(mostHeld, 8 * MiB, 12 * MiB);
    }

    [Fact]
    public async Task An_email_whose_parser_waits_for_memory_until_its_time_is_over_is_not_counted()
    {
        await using var partition = await StreamedMails.PartitionAsync(servers, BodyStoreKind.Folder, azurite, packages);
        await StreamedMails.AppendAsync(partition, StreamedMails.Mail(1, 8 * MiB).Raw, StreamedMails.Uuencoded(5 * MiB));
        var (hasRoom, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        var files = 0;
        var script = new ProcessorScript(async (message, token) =>
        {
            if (message.Uid == 1)
            {
                Assert.True(message.Raw.Length > 8 * MiB);
                hasRoom.TrySetResult();
                // It ignores its token, so that it has its memory for longer than the other one may wait.
                await end.Task;
            }

            await hasRoom.Task;
            files = message.Parsed.Attachments.Count;
        });

        // Both are in work with 4 MiB each. The first takes what is left.
        await partition.StartConsumerAsync(
            StreamedMails.Settings(partition), script, ("Consumer:MaxBytesInFlight", $"{12 * MiB}"), ("Consumer:MaxDeliveries", "1"),
            ("Consumer:Lease", "00:00:10"), ("Processing:AttemptTimeout", "00:00:05"), ("Processing:Retries", "0"));
        await partition.DrainedAsync();
        end.SetResult();

        Assert.Equal(1u, (await partition.OnlyDeadLetterAsync()).Uid);
        Assert.Equal([2u], script.Completed.Where(uid => uid == 2));
        Assert.Equal(1, files);
    }

    [Fact]
    public async Task Large_emails_whose_files_do_not_fit_leave_their_slots_to_small_mail()
    {
        const int Count = 6;
        await using var partition = await StreamedMails.PartitionAsync(servers, BodyStoreKind.Folder, azurite, packages);
        var large = Enumerable.Range(1, Count).Select(uid => StreamedMails.Mail((uint)uid, 5 * MiB).Raw);
        await StreamedMails.AppendAsync(partition, [.. large, "Subject: small\r\n\r\n"u8.ToArray()]);
        var end = new TaskCompletionSource();
        var script = new ProcessorScript((message, _) => message.Uid <= Count ? end.Task : Task.CompletedTask);

        // One file fits, and there are fewer slots than large emails.
        await partition.StartConsumerAsync(
            StreamedMails.Settings(partition), script, ("Consumer:MaxSpoolBytes", $"{10 * MiB}"), ("Consumer:Concurrency", "4"),
            ("Consumer:Lease", "00:00:02"), ("Processing:AttemptTimeout", "00:10:00"));
        await Eventually.TrueAsync(() => script.Completed is [Count + 1], "the small email is processed while a large one runs");
        end.SetResult();

        await partition.DrainedAsync();
        Assert.Equal(Mails.UidRange(1, Count + 1), script.Completed);
        Assert.Empty(await partition.DeadLettersAsync());
    }

    // One more email behind those that are processed.
    private static async Task MoreAsync(TestPartition partition)
    {
        var stream = partition.Partition.Stream;
        var cursor = (await stream.Mailboxes.ReadCursorAsync(Mails.Mailbox, CancellationToken.None))!;
        var item = await LargeMails.ItemAsync(stream, cursor.Last + 1, 5 * MiB);
        await stream.AppendAsync(Mails.Mailbox, cursor, cursor.Last, [item], Mails.Window, CancellationToken.None);
    }
}
