using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>
/// Tests that a refusal by Redis is reported with command and key, and that a process that cannot do its work ends with 1 at the start.
/// </summary>
public sealed class RedisErrorsTests(TestServers servers)
{
    [Theory]
    [InlineData("~* &* +@all -@scripting", "EVALSHA")]
    [InlineData("~other* &* +@all", "email_ingestion_stream")]
    [InlineData("~email_ingestion_stream* ~email_ingestion_c* &* +@all", "email_ingestion_dlq")]
    [InlineData("~* &* +@all -xadd", "XADD on email_ingestion_dlq")]
    [InlineData("~* &* +@all -xack", "XACK on email_ingestion_stream")]
    [InlineData("~* &* +@all -strlen", "STRLEN on email_ingestion_body:0")]
    [InlineData("~* &* +@all -getrange", "GETRANGE on email_ingestion_body:0")]
    [InlineData("~* &* +@all -zadd", "ZADD on email_ingestion_bodies_released")]
    [InlineData("~* &* +@all -eval", "(EVAL, EVALSHA, SCRIPT LOAD) on email_ingestion_stream")]
    [InlineData("%R~* ~idempotency:* &* +@all", "NOPERM")]
    public async Task A_user_without_a_right_that_a_consumer_needs_is_refused_by_command_and_key(string rights, string named)
    {
        await using var redis = await OwnRedisServer.StartAsync(new RedisProcessOptions());
        await redis.Database.ExecuteAsync("ACL", ["SETUSER", "limited", "on", "nopass", .. rights.Split(' ')]);
        var options = Microsoft.Extensions.Options.Options.Create(
            new StreamOptions { ConnectionString = $"{redis.Options.Value.ConnectionString},user=limited,password=any" });
        await using var connection = StreamConnection.Create(options);

        var refused = await Assert.ThrowsAsync<StreamRefusedException>(
            () => new StreamGuard(connection, options).CheckRightsAsync(redis.Partition.Keys, StreamUse.Consume, CancellationToken.None));

        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("reachable", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_with_the_documented_rights_is_accepted()
    {
        await using var redis = await OwnRedisServer.StartAsync(new RedisProcessOptions());
        await redis.Database.ExecuteAsync(
            "ACL", [
                "SETUSER", "app", "on", "nopass",
                .. "~email_ingestion_* ~idempotency:* &* +@all -@admin -@dangerous +info +config|get +client".Split(' '),
            ]);
        var options = Microsoft.Extensions.Options.Options.Create(
            new StreamOptions { ConnectionString = $"{redis.Options.Value.ConnectionString},user=app,password=any" });
        await using var connection = StreamConnection.Create(options);
        var guard = new StreamGuard(connection, options);

        await guard.CheckServersAsync(CancellationToken.None);
        await guard.CheckRightsAsync(redis.Partition.Keys, StreamUse.Consume, CancellationToken.None);
        await guard.CheckRightsAsync(redis.Partition.Keys, StreamUse.Poll, CancellationToken.None);
        Assert.Empty(await RedisState.OfAsync(redis.Database, redis.Partition.Keys));
    }

    [Theory]
    [InlineData("email_ingestion_stream")]
    [InlineData("email_ingestion_dlq")]
    public async Task A_key_of_another_type_is_refused_by_name(string key)
    {
        await using var redis = await OwnRedisServer.StartAsync(new RedisProcessOptions());
        await redis.Database.StringSetAsync(key, "x");

        foreach (var use in new[] { StreamUse.Poll, StreamUse.Consume })
        {
            var refused = await Assert.ThrowsAsync<StreamRefusedException>(
                () => redis.Guard.CheckRightsAsync(redis.Partition.Keys, use, CancellationToken.None));
            Assert.StartsWith($"{key} in Redis is a string", refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("EVAL EVALSHA", "scripts")]
    [InlineData("XACK", "XACK")]
    public async Task A_command_that_is_renamed_away_is_named(string commands, string named)
    {
        await using var redis =
            await OwnRedisServer.StartAsync(
                new RedisProcessOptions
                {
                    ExtraArguments = [.. commands.Split(' ').SelectMany(command => new[] { "--rename-command", command, "" })],
                });

        var refused = await Assert.ThrowsAsync<StreamRefusedException>(
            () => redis.Guard.CheckRightsAsync(redis.Partition.Keys, StreamUse.Consume, CancellationToken.None));

        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_INFO_everything_works()
    {
        await using var redis = await OwnRedisServer.StartAsync(new RedisProcessOptions { MaxMemoryBytes = 50_000_000 });
        await redis.Database.ExecuteAsync("ACL", "SETUSER", "limited", "on", "nopass", "~*", "&*", "+@all", "-info", "-config");
        var options = Microsoft.Extensions.Options.Options.Create(
            new StreamOptions { ConnectionString = $"{redis.Options.Value.ConnectionString},user=limited,password=any" });
        await using var connection = StreamConnection.Create(options);
        var partition = new StreamPartition("", connection, options, TimeProvider.System);
        var guard = new StreamGuard(connection, options);

        await guard.CheckServersAsync(CancellationToken.None);
        await guard.CheckRightsAsync(partition.Keys, StreamUse.Poll, CancellationToken.None);
        await guard.EnsureGroupAsync(partition.Keys, CancellationToken.None);
        await Mails.AppendAsync(partition.Stream, 3);

        var snapshot = await partition.Inspector.ReadSnapshotAsync(details: true, CancellationToken.None);
        Assert.Equal((3, 0L), (snapshot.Lag, snapshot.Memory.Max));
    }

    [Theory]
    [InlineData("last", "junk")]
    [InlineData("last", "-1")]
    [InlineData("last", "4294967296")]
    [InlineData("epoch", "1.5")]
    [InlineData("uidvalidity", "")]
    [InlineData("last_success", "99999999999999999")]
    [InlineData("missing", "many")]
    public async Task A_damaged_cursor_is_reported_by_mailbox_key_and_field_beside_good_ones(string field, string value)
    {
        await using var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        await Mails.AppendAsync(partition.Partition.Stream, 1);
        await partition.Partition.Stream.Mailboxes.StartEpochAsync("other/INBOX", null, 7, 0, CancellationToken.None);
        var key = partition.Keys.Cursor(Mails.Mailbox);
        await partition.Database.HashSetAsync(key, field, value);

        var damaged = await Assert.ThrowsAsync<DamagedCursorException>(
            () => partition.Partition.Stream.Mailboxes.ReadCursorAsync(Mails.Mailbox, CancellationToken.None));

        Assert.All(
            new[] { Mails.Mailbox, key.ToString(), $"'{field}'" },
            part => Assert.Contains(part, damaged.Message, StringComparison.Ordinal));
        var mailboxes = (await partition.ReadSnapshotAsync()).Mailboxes;
        Assert.Null(mailboxes.Single(mailbox => mailbox.Name == "other/INBOX").Error);
        if (field is "last" or "uidvalidity" or "last_success")
            Assert.Equal(damaged.Message, mailboxes.Single(mailbox => mailbox.Name == Mails.Mailbox).Error);
    }

    [Fact]
    public async Task A_cursor_of_another_type_is_reported_by_mailbox_and_key()
    {
        await using var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        await Mails.AppendAsync(partition.Partition.Stream, 1);
        var key = partition.Keys.Cursor(Mails.Mailbox);
        await partition.Database.KeyDeleteAsync(key);
        await partition.Database.StringSetAsync(key, "x");

        var damaged = await Assert.ThrowsAsync<DamagedCursorException>(
            () => partition.Partition.Stream.Mailboxes.ReadCursorAsync(Mails.Mailbox, CancellationToken.None));

        Assert.Contains("WRONGTYPE", damaged.Message, StringComparison.Ordinal);
        Assert.Equal(damaged.Message, Assert.Single((await partition.ReadSnapshotAsync()).Mailboxes).Error);
    }

    [Fact]
    public async Task Dead_letters_of_another_type_lose_no_entry_and_are_a_problem_in_the_status()
    {
        await using var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        await Mails.AppendAsync(partition.Partition.Stream, 1);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        var delivery = Assert.Single(await group.Reader.ReadAsync(1, TimeSpan.FromSeconds(1), CancellationToken.None));
        await partition.Database.StringSetAsync(partition.Keys.DeadLetters, "x");
        var before = await RedisState.OfAsync(partition);

        var error = await Assert.ThrowsAsync<RedisServerException>(
            () => partition.Partition.DeadLetters.MoveAsync(
                delivery, "one", FailureRecord.Of("permanent", "x", "y"), CancellationToken.None));

        Assert.Equal(before, await RedisState.OfAsync(partition));
        Assert.StartsWith(
            $"WRONGTYPE {partition.Keys.DeadLetters} holds another kind of value", RedisErrors.Text(error), StringComparison.Ordinal);
        var snapshot = await partition.ReadSnapshotAsync();
        Assert.StartsWith($"Redis refuses XLEN on {partition.Keys.DeadLetters}: WRONGTYPE", snapshot.Problem, StringComparison.Ordinal);
        Assert.Equal(1, snapshot.Pending);
    }

    [Theory]
    [InlineData("poll")]
    [InlineData("consume")]
    public async Task A_process_whose_stream_is_of_another_type_ends_with_1(string command)
    {
        await using var partition = new TestPartition(servers);
        await partition.Database.StringSetAsync(partition.Keys.Stream, "x");
        var settings = partition.Settings();
        partition.AddMailbox(settings);
        settings["POLL_SCHEDULE"] = "* * * * * *";
        settings["Logging:Console:LogLevel:Default"] = "Information";
        await using var process = CommandProcess.Start(partition, settings, command, "--port", "0");

        Assert.Equal(1, await process.EndAsync());

        Assert.Contains($"{partition.Keys.Stream} in Redis is a string", process.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("not reachable", process.Output, StringComparison.Ordinal);
    }
}
