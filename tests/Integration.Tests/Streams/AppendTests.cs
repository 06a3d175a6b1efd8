using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

public sealed class AppendTests(TestServers servers)
{
    [Fact]
    public async Task The_cursor_moves_with_the_append()
    {
        await using var partition = new TestPartition(servers);
        var stream = partition.Partition.Stream;
        var cursor = await Mails.StartAsync(stream);

        var result = await AppendAsync(stream, cursor, 0, Mails.Items(1, 3));

        Assert.Equal(new AppendResult(AppendStatus.Complete, 3, 3, 0, 0), result);
        Assert.Equal([1, 2, 3], await RedisState.UidsAsync(partition.Database, partition.Keys.Stream));
        Assert.Equal(3u, (await stream.Mailboxes.ReadCursorAsync(Mails.Mailbox, CancellationToken.None))!.Last);
    }

    [Fact]
    public async Task Every_field_and_every_byte_is_stored_unchanged()
    {
        await using var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        var sent = Mails.Message(1) with
        {
            Subject = "Größe 雪",
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        };
        var cursor = await Mails.StartAsync(partition.Partition.Stream);
        await AppendAsync(partition.Partition.Stream, cursor, 0, [new AppendItem(sent, [])]);

        await using var group = partition.Partition.Join("reader", TimeSpan.FromMinutes(1));
        var delivery = Assert.Single(await group.Reader.ReadAsync(10, TimeSpan.FromSeconds(1), CancellationToken.None));

        Assert.Null(delivery.Malformed);
        Assert.Equal(sent.Raw.ToArray(), delivery.Message!.Raw.ToArray());
        Assert.Equal(sent, delivery.Message with { Raw = sent.Raw });
    }

    [Fact]
    public async Task A_batch_that_is_repeated_appends_nothing()
    {
        await using var partition = new TestPartition(servers);
        var cursor = await Mails.StartAsync(partition.Partition.Stream);
        await AppendAsync(partition.Partition.Stream, cursor, 0, Mails.Items(1, 3));
        var before = await RedisState.OfAsync(partition);

        var result = await AppendAsync(partition.Partition.Stream, cursor, 0, Mails.Items(1, 3));

        Assert.Equal(new AppendResult(AppendStatus.Complete, 3, 0, 0, 0), result);
        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_batch_that_is_taken_back_leaves_the_lag_unchanged(int deleted)
    {
        await using var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        var cursor = await Mails.AppendAsync(partition.Partition.Stream, 5);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        await group.Reader.ReadAsync(3, TimeSpan.FromSeconds(1), CancellationToken.None);
        foreach (var entry in (await partition.Database.StreamRangeAsync(partition.Keys.Stream)).Take(deleted))
            await partition.Database.StreamDeleteAsync(partition.Keys.Stream, [entry.Id]);

        // Repeated and out of order.
        await AppendAsync(partition.Partition.Stream, cursor, 0, Mails.Items(1, 5));
        await AppendAsync(partition.Partition.Stream, cursor, 7, Mails.Items(8, 9));

        Assert.Equal(2, Assert.Single(await partition.Database.StreamGroupInfoAsync(partition.Keys.Stream)).Lag);
    }

    [Fact]
    public async Task Nothing_stays_in_the_stream_when_the_cursor_cannot_move()
    {
        await using var partition = new TestPartition(servers);
        var cursor = await Mails.AppendAsync(partition.Partition.Stream, 2);
        await partition.Database.KeyDeleteAsync(partition.Keys.Cursor(Mails.Mailbox));
        await partition.Database.StringSetAsync(partition.Keys.Cursor(Mails.Mailbox), "of another type");
        var before = await RedisState.OfAsync(partition);

        await Assert.ThrowsAsync<RedisServerException>(() => AppendAsync(partition.Partition.Stream, cursor, 2, Mails.Items(3, 4)));

        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    [Theory]
    [InlineData("-multi")]
    [InlineData("-xdel")]
    [InlineData("-xlen")]
    public async Task A_user_without_the_rights_for_a_transaction_is_recognized(string denied)
    {
        await using var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        var cursor = await Mails.StartAsync(partition.Partition.Stream);
        var server = partition.Database.Multiplexer.GetServers()[0];
        var user = $"limited-{Guid.NewGuid():N}";
        await server.ExecuteAsync("ACL", "SETUSER", user, "on", ">secret", "~*", "&*", "+@all", denied);
        var options = ConfigurationOptions.Parse(partition.Database.Multiplexer.Configuration);
        (options.User, options.Password, options.Protocol) = (user, "secret", RedisProtocol.Resp2);
        await using var limited = await ConnectionMultiplexer.ConnectAsync(options);

        Assert.False(await AppendTransaction.IsAllowedAsync(limited.GetDatabase(), partition.Keys.Stream));
        Assert.True(await AppendTransaction.IsAllowedAsync(partition.Database, partition.Keys.Stream));

        await server.ExecuteAsync("ACL", "DELUSER", user);
        Assert.Equal(0, await partition.Database.StreamLengthAsync(partition.Keys.Stream));
        Assert.Equal(0u, cursor.Last);
    }

    [Fact]
    public async Task Overlapping_concurrent_batches_append_each_email_once()
    {
        await using var partition = new TestPartition(servers);
        var stream = partition.Partition.Stream;
        var cursor = await Mails.StartAsync(stream);

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(racer => Task.Run(async () =>
        {
            // Each batch starts at the first email and ends at another, like polls that saw more and more mail.
            return await AppendAsync(stream, cursor, 0, Mails.Items(1, (uint)(10 + racer)));
        })));

        Assert.All(results, result => Assert.Equal(AppendStatus.Complete, result.Status));
        Assert.Equal(29, results.Sum(result => result.Appended));
        Assert.Equal(Mails.UidRange(1, 29), await RedisState.UidsAsync(partition.Database, partition.Keys.Stream));
        Assert.Equal(29u, (await stream.Mailboxes.ReadCursorAsync(Mails.Mailbox, CancellationToken.None))!.Last);
    }

    [Fact]
    public async Task A_batch_that_does_not_follow_the_cursor_is_refused_and_writes_nothing()
    {
        await using var partition = new TestPartition(servers);
        var cursor = await Mails.AppendAsync(partition.Partition.Stream, 3);
        var before = await RedisState.OfAsync(partition);

        var result = await AppendAsync(partition.Partition.Stream, cursor, 4, Mails.Items(5, 6));

        Assert.Equal(new AppendResult(AppendStatus.Moved, 3, 0, 0, 0), result);
        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    [Fact]
    public async Task A_batch_of_another_epoch_is_refused_and_writes_nothing()
    {
        await using var partition = new TestPartition(servers);
        var stream = partition.Partition.Stream;
        var cursor = await Mails.AppendAsync(stream, 3);
        Assert.True(await stream.Mailboxes.StartEpochAsync(Mails.Mailbox, cursor, 8, 0, CancellationToken.None));
        var before = await RedisState.OfAsync(partition);

        var result = await AppendAsync(stream, cursor, 3, Mails.Items(4, 5));

        Assert.Equal(AppendStatus.Moved, result.Status);
        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    [Fact]
    public async Task A_batch_of_a_mailbox_without_a_cursor_is_refused_and_writes_nothing()
    {
        await using var partition = new TestPartition(servers);

        var result = await AppendAsync(
            partition.Partition.Stream,
            new MailboxCursor(0, Mails.UidValidity, 0, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, null), 0, Mails.Items(1, 2));

        Assert.Equal(new AppendResult(AppendStatus.Moved, 0, 0, 0, 0), result);
        Assert.Empty(await RedisState.OfAsync(partition));
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(7, 7)]
    [InlineData(12, 10)]
    [InlineData(0, 10)]
    public async Task The_stream_limit_cuts_the_batch(int limit, uint last)
    {
        await using var partition = new TestPartition(servers, options => options.MaxStreamLength = limit);
        var stream = partition.Partition.Stream;
        var cursor = await Mails.AppendAsync(stream, 4);

        var result = await AppendAsync(stream, cursor, 4, Mails.Items(5, 10));

        Assert.Equal(new AppendResult(last < 10 ? AppendStatus.Full : AppendStatus.Complete, last, (int)last - 4, 0, 0), result);
        Assert.Equal(Mails.UidRange(1, last), await RedisState.UidsAsync(partition.Database, partition.Keys.Stream));
        Assert.Equal(last, (await stream.Mailboxes.ReadCursorAsync(Mails.Mailbox, CancellationToken.None))!.Last);
    }

    [Fact]
    public async Task A_stream_at_its_limit_is_not_changed()
    {
        await using var partition = new TestPartition(servers, options => options.MaxStreamLength = 3);
        var cursor = await Mails.AppendAsync(partition.Partition.Stream, 3);
        var before = await RedisState.OfAsync(partition);

        var result = await AppendAsync(partition.Partition.Stream, cursor, 3, Mails.Items(4, 5));

        Assert.Equal(new AppendResult(AppendStatus.Full, 3, 0, 0, 0), result);
        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    [Fact]
    public async Task Dead_letters_of_the_poller_are_written_with_the_cursor()
    {
        await using var partition = new TestPartition(servers);
        var cursor = await Mails.StartAsync(partition.Partition.Stream);
        var oversize = FailureRecord.Of(DeadLetterReasons.Oversize, DeadLetterReasons.Oversize, "99 bytes");

        AppendItem[] items = [Mails.Item(1), Mails.Item(2, failure: oversize), Mails.Item(3)];
        var result = await AppendAsync(partition.Partition.Stream, cursor, 0, items);
        var again = await AppendAsync(partition.Partition.Stream, cursor, 0, items);

        Assert.Equal(new AppendResult(AppendStatus.Complete, 3, 2, 0, 1), result);
        Assert.Equal(new AppendResult(AppendStatus.Complete, 3, 0, 0, 0), again);
        Assert.Equal([1, 3], await RedisState.UidsAsync(partition.Database, partition.Keys.Stream));
        var deadLetter = Assert.Single(await partition.Partition.DeadLetters.ListAsync(10, null, null, null, CancellationToken.None));
        Assert.Equal(
            (2u, DeadLetterReasons.Oversize, "headers", 0, 0),
            (deadLetter.Uid, deadLetter.Reason, deadLetter.Body, deadLetter.DeliveryCount, deadLetter.Replays));
        Assert.Equal(deadLetter.LastFailure, deadLetter.FirstFailure);
    }

    private static Task<AppendResult> AppendAsync(EmailStream stream, MailboxCursor cursor, uint follows, AppendItem[] items) =>
        stream.AppendAsync(Mails.Mailbox, cursor, follows, items, Mails.Window, CancellationToken.None);
}
