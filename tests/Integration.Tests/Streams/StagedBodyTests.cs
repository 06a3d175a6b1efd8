using System.Security.Cryptography;
using EmailIngestion.Bodies;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>Tests bodies in Redis that were written in pieces, with the whole state of Redis before and after.</summary>
public sealed class StagedBodyTests(TestServers servers)
{
    private const int Bytes = 2_000_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_append_gives_a_staged_body_its_name()
    {
        await using var partition = new TestPartition(servers);
        var cursor = await StartAsync(partition);
        await using var upload = partition.Partition.GuardedBodies.BeginUpload();
        var item = await ItemAsync(upload, 1);
        Assert.False(await partition.HasBodyAsync(item.Body!));

        var result = await AppendAsync(partition, cursor, item);

        Assert.Equal((AppendStatus.Complete, 1), (result.Status, result.Appended));
        Assert.Equal(LargeMails.Raw(1, Bytes), await partition.Partition.GuardedBodies.ReadAsync(item.Body!, Cancel));
        Assert.Null(await partition.Database.KeyTimeToLiveAsync(partition.Keys.Bodies.Body(item.Body!.Name)));
        Assert.Single(await partition.ReferersAsync());
        Assert.Empty(Temporary(partition));
    }

    [Fact]
    public async Task A_repeated_append_of_a_staged_body_changes_nothing()
    {
        await using var partition = new TestPartition(servers);
        var cursor = await StartAsync(partition);
        await using var upload = partition.Partition.GuardedBodies.BeginUpload();
        var item = await ItemAsync(upload, 1);
        await AppendAsync(partition, cursor, item);
        var before = await RedisState.OfAsync(partition);

        Assert.Equal(new AppendResult(AppendStatus.Complete, 1, 0, 0, 0), await AppendAsync(partition, cursor, item));

        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    // Another poll of the same email was faster.
    [Fact]
    public async Task A_second_staged_body_of_an_appended_email_leaves_nothing()
    {
        await using var partition = new TestPartition(servers);
        var cursor = await StartAsync(partition);
        await using var first = partition.Partition.GuardedBodies.BeginUpload();
        await AppendAsync(partition, cursor, await ItemAsync(first, 1));
        var before = await RedisState.OfAsync(partition);
        await using var second = partition.Partition.GuardedBodies.BeginUpload();

        await AppendAsync(partition, cursor, await ItemAsync(second, 1));

        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    [Theory]
    [InlineData("follows another")]
    [InlineData("epoch changed")]
    [InlineData("stream limit")]
    public async Task A_refused_append_keeps_the_staged_body_until_the_upload_ends(string why)
    {
        await using var partition = new TestPartition(servers, options => options.MaxStreamLength = 2);
        var stream = partition.Partition.Stream;
        await partition.EnsureGroupAsync();
        var cursor = await Mails.AppendAsync(stream, why == "stream limit" ? 2 : 1);
        if (why == "epoch changed")
            await stream.Mailboxes.StartEpochAsync(Mails.Mailbox, cursor, 8, 0, Cancel);
        var before = await RedisState.OfAsync(partition);
        var upload = partition.Partition.GuardedBodies.BeginUpload();
        var item = await ItemAsync(upload, 9);

        var result = await stream.AppendAsync(Mails.Mailbox, cursor, why == "follows another" ? 8u : 1, [item], Mails.Window, Cancel);

        Assert.Equal(why == "stream limit" ? AppendStatus.Full : AppendStatus.Moved, result.Status);
        var life = await partition.Database.KeyTimeToLiveAsync(Assert.Single(Temporary(partition)));
        Assert.InRange(life!.Value, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10));
        await upload.DisposeAsync();
        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    [Fact]
    public async Task A_content_that_an_earlier_epoch_appended_leaves_no_staged_body()
    {
        await using var partition = new TestPartition(servers);
        var stream = partition.Partition.Stream;
        var cursor = await StartAsync(partition);
        await using var first = partition.Partition.GuardedBodies.BeginUpload();
        await AppendAsync(partition, cursor, await ItemAsync(first, 1));
        await stream.Mailboxes.StartEpochAsync(
            Mails.Mailbox, (await stream.Mailboxes.ReadCursorAsync(Mails.Mailbox, Cancel))!, 8, 0, Cancel);
        cursor = (await stream.Mailboxes.ReadCursorAsync(Mails.Mailbox, Cancel))!;
        await using var second = partition.Partition.GuardedBodies.BeginUpload();

        var result = await AppendAsync(partition, cursor, await ItemAsync(second, 1, cursor.Epoch));

        Assert.Equal((AppendStatus.Complete, 0, 1), (result.Status, result.Appended, result.Duplicates));
        Assert.Empty(Temporary(partition));
        Assert.Single(await partition.ReferersAsync());
    }

    [Fact]
    public async Task No_entry_is_appended_whose_staged_body_is_gone()
    {
        await using var partition = new TestPartition(servers);
        var cursor = await StartAsync(partition);
        await using var upload = partition.Partition.GuardedBodies.BeginUpload();
        var item = await ItemAsync(upload, 1);
        await partition.Database.KeyDeleteAsync(partition.Keys.Bodies.Staged(item.Body!.Name));
        var before = await RedisState.OfAsync(partition);

        var error = await Assert.ThrowsAsync<BodilessException>(() => AppendAsync(partition, cursor, item));

        Assert.StartsWith("TRYAGAIN", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    // A failover has lost the end of it, after the last part was confirmed.
    [Fact]
    public async Task No_entry_is_appended_whose_staged_body_is_short()
    {
        await using var partition = new TestPartition(servers);
        var cursor = await StartAsync(partition);
        var before = await RedisState.OfAsync(partition);
        await using (var upload = partition.Partition.GuardedBodies.BeginUpload())
        {
            var item = await ItemAsync(upload, 1);
            await CutAsync(partition, partition.Keys.Bodies.Staged(item.Body!.Name));

            var error = await Assert.ThrowsAsync<BodilessException>(() => AppendAsync(partition, cursor, item));

            Assert.StartsWith("TRYAGAIN", error.Message, StringComparison.Ordinal);
            Assert.Equal(before, await RedisState.OfAsync(partition));
        }

        await using var again = partition.Partition.GuardedBodies.BeginUpload();
        var whole = await ItemAsync(again, 1);
        Assert.Equal(1, (await AppendAsync(partition, cursor, whole)).Appended);
        Assert.Equal(LargeMails.Raw(1, Bytes), await partition.Partition.GuardedBodies.ReadAsync(whole.Body!, Cancel));
    }

    [Fact]
    public async Task A_body_whose_last_part_Redis_loses_is_not_completed()
    {
        await using var partition = new TestPartition(servers);
        await StartAsync(partition);
        await using var upload = partition.Partition.GuardedBodies.BeginUpload();
        var message = LargeMails.Message(1, Bytes);
        await upload.WriteAsync(message.Raw, Cancel);
        await CutAsync(partition, Assert.Single(Temporary(partition)));

        var error = await Assert.ThrowsAsync<BodyStoreException>(
            () => upload.CompleteAsync(message.Id, Bytes, Convert.ToHexStringLower(SHA256.HashData(message.Raw.Span)), Cancel));

        Assert.Equal(BodyFailure.Unavailable, error.Failure);
        Assert.StartsWith("email_ingestion_body_incoming", (string)Assert.Single(Temporary(partition))!, StringComparison.Ordinal);
    }

    // Of a version that did not compare the length.
    [Fact]
    public async Task A_whole_staged_body_replaces_a_short_one_of_its_name()
    {
        await using var partition = new TestPartition(servers);
        var cursor = await StartAsync(partition);
        await using var upload = partition.Partition.GuardedBodies.BeginUpload();
        var item = await ItemAsync(upload, 1);
        await partition.Database.StringSetAsync(partition.Keys.Bodies.Body(item.Body!.Name), "short");

        Assert.Equal(1, (await AppendAsync(partition, cursor, item)).Appended);

        Assert.Equal(LargeMails.Raw(1, Bytes), await partition.Partition.GuardedBodies.ReadAsync(item.Body!, Cancel));
    }

    [Fact]
    public async Task A_body_that_Redis_loses_half_way_is_not_completed_and_what_is_left_expires()
    {
        await using var partition = new TestPartition(servers);
        await StartAsync(partition);
        await using var upload = partition.Partition.GuardedBodies.BeginUpload();
        await upload.WriteAsync(new byte[600_000], Cancel);
        await partition.Database.KeyDeleteAsync(Assert.Single(Temporary(partition)));

        var error = await Assert.ThrowsAsync<BodyStoreException>(() => upload.WriteAsync(new byte[600_000], Cancel));

        Assert.Equal(BodyFailure.Unavailable, error.Failure);
        Assert.NotNull(await partition.Database.KeyTimeToLiveAsync(Assert.Single(Temporary(partition))));
    }

    [Fact]
    public async Task A_user_without_transactions_writes_and_appends_a_staged_body()
    {
        await using var partition = new TestPartition(servers, options => options.ConnectionString += ",user=staged,password=secret");
        await partition.Database.ExecuteAsync("ACL", "SETUSER", "staged", "on", ">secret", "resetkeys", "~*", "&*", "+@all", "-multi");
        var cursor = await StartAsync(partition);
        await using var upload = partition.Partition.GuardedBodies.BeginUpload();
        var item = await ItemAsync(upload, 1);

        Assert.Equal(1, (await AppendAsync(partition, cursor, item)).Appended);

        Assert.Equal(LargeMails.Raw(1, Bytes), await partition.Partition.GuardedBodies.ReadAsync(item.Body!, Cancel));
        Assert.Empty(Temporary(partition));
    }

    [Fact]
    public async Task A_streamed_body_outside_Redis_that_is_gone_after_its_append_is_reported_as_lost()
    {
        await using var partition = new TestPartition(servers, bodies: bodies => bodies.Store = BodyStoreKind.Folder);
        var cursor = await StartAsync(partition);
        await using var upload = partition.Partition.GuardedBodies.BeginUpload();
        var item = await ItemAsync(upload, 1);
        File.Delete(Assert.Single(Directory.GetFiles(partition.Bodies, "*-*", SearchOption.AllDirectories)));

        await AppendAsync(partition, cursor, item);

        Assert.True(item.Streamed!.IsLost);
    }

    private static async Task CutAsync(TestPartition partition, RedisKey key)
    {
        var bytes = (byte[])(await partition.Database.StringGetAsync(key))!;
        await partition.Database.StringSetAsync(key, bytes[..^600_000], null, keepTtl: true);
    }

    private static async Task<MailboxCursor> StartAsync(TestPartition partition)
    {
        await partition.EnsureGroupAsync();
        return await Mails.StartAsync(partition.Partition.Stream);
    }

    private static Task<AppendResult> AppendAsync(TestPartition partition, MailboxCursor cursor, AppendItem item) =>
        partition.Partition.Stream.AppendAsync(Mails.Mailbox, cursor, cursor.Last, [item], Mails.Window, Cancel);

    // As the poller does it.
    private static async Task<AppendItem> ItemAsync(BodyUpload upload, uint uid, int epoch = 0)
    {
        var message = LargeMails.Message(uid, Bytes, epoch);
        var sha256 = SHA256.HashData(message.Raw.Span);
        await upload.WriteAsync(message.Raw[..1_200_000], Cancel);
        await upload.WriteAsync(message.Raw[1_200_000..], Cancel);
        var body = await upload.CompleteAsync(message.Id, message.Raw.Length, Convert.ToHexStringLower(sha256), Cancel);
        return new AppendItem(message with { Raw = message.Raw[..1_000] }, sha256[..16], Body: body)
        {
            Streamed = new StreamedBody(body, sha256),
        };
    }

    private static RedisKey[] Temporary(TestPartition partition) =>
        [.. partition.AllKeys().Where(key => ((string)key!).StartsWith("email_ingestion_body_incoming", StringComparison.Ordinal)
            || ((string)key!).StartsWith("email_ingestion_body_staged", StringComparison.Ordinal))];
}
