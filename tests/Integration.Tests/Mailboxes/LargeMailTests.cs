using System.Globalization;
using System.Text;
using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests that an email that Redis refuses stops neither its mailbox nor the connections of others.</summary>
public sealed class LargeMailTests
{
    private const int Attempts = 3;

    // The message is beside its entry, or in it.
    private const int Beside = 128 * 1024;
    private const int Inline = 16 * 1024 * 1024;

    private const string Header = "Subject: a large one\r\nX-Large: yes\r\n\r\n";

    [Theory]
    [InlineData("proto-max-bulk-len", Beside)]
    [InlineData("proto-max-bulk-len", Inline)]
    [InlineData("client-query-buffer-limit", Inline)]
    public async Task Mail_above_a_limit_that_Redis_reports_is_dead_lettered_at_once(string setting, int inlineLimit)
    {
        await using var redis = await OwnRedisServer.StartAsync(new RedisProcessOptions { ExtraArguments = [$"--{setting}", "1mb"] });
        await using var host = await StartAsync(redis, redis.Options.Value.ConnectionString, Mailbox(5), inlineLimit);

        var result = await host.PollAsync();

        Assert.Equal((PollEnd.Complete, 9, 1), (result.End, result.Appended, result.DeadLettered));
        Assert.Equal([1u, 2, 3, 4, 6, 7, 8, 9, 10], await RedisState.UidsAsync(redis.Database, redis.Partition.Keys.Stream));
        await AssertDeadLetterAsync(redis, 5, setting);
    }

    // The pieces of a body are smaller than the lowest limit.
    [Fact]
    public async Task Mail_above_the_limit_of_a_command_is_appended()
    {
        await using var redis =
            await OwnRedisServer.StartAsync(new RedisProcessOptions { ExtraArguments = ["--client-query-buffer-limit", "1mb"] });
        await using var host = await StartAsync(redis, redis.Options.Value.ConnectionString, Mailbox(5, size: 9_000_000));

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 10), await host.PollAsync());
    }

    // Of a body Redis refuses a piece. At a message in its entry it hangs up.
    [Theory]
    [InlineData(Beside)]
    [InlineData(Inline)]
    public async Task Mail_that_Redis_refuses_is_dead_lettered_after_the_last_attempt(int inlineLimit)
    {
        await using var redis =
            await OwnRedisServer.StartAsync(new RedisProcessOptions { ExtraArguments = ["--proto-max-bulk-len", "1mb"] });
        await redis.Database.ExecuteAsync("ACL", "SETUSER", "limited", "on", "nopass", "~*", "&*", "+@all", "-config");
        var connectionString = $"{redis.Options.Value.ConnectionString},user=limited,password=any";
        await using var host = await StartAsync(redis, connectionString, Mailbox(5), inlineLimit);
        var connection = await host.Services.GetRequiredService<RedisConnection>().GetAsync(TestContext.Current.CancellationToken);
        var cuts = 0;
        connection.ConnectionFailed += (_, _) => Interlocked.Increment(ref cuts);

        for (var poll = 1; poll < Attempts; poll++)
        {
            Assert.Equal(PollEnd.Stuck, (await host.PollAsync()).End);
            Assert.Equal([1u, 2, 3, 4], await RedisState.UidsAsync(redis.Database, redis.Partition.Keys.Stream));
        }

        var result = await host.PollAsync();

        Assert.Equal((PollEnd.Complete, 5, 1), (result.End, result.Appended, result.DeadLettered));
        Assert.Equal([1u, 2, 3, 4, 6, 7, 8, 9, 10], await RedisState.UidsAsync(redis.Database, redis.Partition.Keys.Stream));
        await AssertDeadLetterAsync(redis, 5, $"{Attempts} polls");
        Assert.Equal(0, cuts);
    }

    [Fact]
    public async Task Mail_larger_than_the_memory_is_dead_lettered_after_the_last_attempt()
    {
        await using var redis = await OwnRedisServer.StartAsync(new RedisProcessOptions { MaxMemoryBytes = 8_000_000 });
        await using var host = await StartAsync(redis, redis.Options.Value.ConnectionString, Mailbox(5, size: 7_000_000));

        for (var poll = 1; poll < Attempts; poll++)
            Assert.Equal(PollEnd.Stuck, (await host.PollAsync()).End);
        var result = await host.PollAsync();

        Assert.Equal((PollEnd.Complete, 5, 1), (result.End, result.Appended, result.DeadLettered));
        await AssertDeadLetterAsync(redis, 5, "maxmemory");
    }

    [Fact]
    public async Task A_large_email_for_which_Redis_has_no_room_waits()
    {
        await using var redis = await OwnRedisServer.StartAsync(new RedisProcessOptions { MaxMemoryBytes = 20_000_000 });
        for (var i = 0; i < 100; i++)
            await redis.Database.StringSetAsync($"filler:{i}", new byte[90_000]);
        await using var host = await StartAsync(redis, redis.Options.Value.ConnectionString, Mailbox(5, size: 10_000_000));

        var result = await host.PollAsync();

        Assert.Equal((PollEnd.BackPressure, 4), (result.End, result.Appended));
        Assert.Equal([1u, 2, 3, 4], await RedisState.UidsAsync(redis.Database, redis.Partition.Keys.Stream));
        Assert.DoesNotContain(
            redis.Multiplexer.GetServers()[0].Keys(), key => ((string)key!).StartsWith("email_ingestion_body", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Several_large_emails_keep_their_order_among_small_ones()
    {
        await using var redis = await OwnRedisServer.StartAsync(new RedisProcessOptions());
        var mailbox = Mailbox(2);
        mailbox.Mails[3] = Large(2_500_000);
        mailbox.Mails[7] = Large(1_200_000);
        await using var host = await StartAsync(redis, redis.Options.Value.ConnectionString, mailbox);

        var result = await host.PollAsync();

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 10), result);
        Assert.Equal(Mails.UidRange(1, 10), await RedisState.UidsAsync(redis.Database, redis.Partition.Keys.Stream));
        var entries = await redis.Database.StreamRangeAsync(redis.Partition.Keys.Stream);
        var read = new List<byte[]>();
        foreach (var entry in entries)
            read.Add(await RawAsync(redis.Partition, entry));
        Assert.Equal(mailbox.Mails.Values, read);
    }

    // Each fits alone, and not all of them together.
    [Fact]
    public async Task Large_emails_that_come_together_are_appended_one_after_the_other()
    {
        const int Mailboxes = 8;
        await using var redis = await OwnRedisServer.StartAsync(new RedisProcessOptions { MaxMemoryBytes = 100_000_000 });
        var large = Large(30_000_000);
        await using var host = await StartAsync(
            redis,
            redis.Options.Value.ConnectionString,
            _ =>
            {
                var mailbox = new ScriptedMailbox();
                mailbox.Mails[1] = large;
                return mailbox;
            },
            mailboxes: Mailboxes);

        var appended = 0;
        for (var poll = 0; poll < 3 * Mailboxes && appended < Mailboxes; poll++)
        {
            var results = (await host.PollAllAsync()).Values.ToArray();
            Assert.All(results, result => Assert.True(result.End is PollEnd.Complete or PollEnd.BackPressure, $"{result}"));
            Assert.Equal(0, results.Sum(result => result.DeadLettered));
            appended += results.Sum(result => result.Appended);
            await SettleAsync(redis);
        }

        Assert.Equal(Mailboxes, appended);
    }

    // As consumers do.
    private static async Task SettleAsync(OwnRedisServer redis)
    {
        foreach (var entry in await redis.Database.StreamReadGroupAsync(redis.Partition.Keys.Stream, StreamKeys.Group, "one", ">"))
        {
            await redis.Database.KeyDeleteAsync(redis.Partition.Keys.Bodies.Body(EntryCodec.ReferenceOf(entry.Values)!.Name));
            await redis.Database.StreamAcknowledgeAsync(redis.Partition.Keys.Stream, StreamKeys.Group, entry.Id);
            await redis.Database.StreamDeleteAsync(redis.Partition.Keys.Stream, [entry.Id]);
        }
    }

    private static async Task<byte[]> RawAsync(StreamPartition partition, StreamEntry entry) =>
        EntryCodec.ReferenceOf(entry.Values) is { } body
            ? await partition.GuardedBodies.ReadAsync(body, TestContext.Current.CancellationToken)
            : (byte[])entry[EntryFields.Raw]!;

    private static async Task AssertDeadLetterAsync(OwnRedisServer redis, uint uid, string why)
    {
        var deadLetters = redis.Partition.DeadLetters;
        var deadLetter = Assert.Single(await deadLetters.ListAsync(10, null, null, null, TestContext.Current.CancellationToken));
        Assert.Equal((uid, "oversize", "headers"), (deadLetter.Uid!.Value, deadLetter.Reason, deadLetter.Body));
        Assert.Contains(why, deadLetter.ErrorMessage, StringComparison.Ordinal);
        var raw = await deadLetters.FindRawAsync(deadLetter.Id, TestContext.Current.CancellationToken);
        Assert.Equal(Header, Encoding.ASCII.GetString(raw!.Value.Span));
    }

    private static ScriptedMailbox Mailbox(uint large, int size = 2_900_000)
    {
        var mailbox = new ScriptedMailbox().Fill(Mails.UidRange(1, 10));
        mailbox.Mails[large] = Large(size);
        return mailbox;
    }

    private static byte[] Large(int size) => [.. Encoding.ASCII.GetBytes(Header), .. Enumerable.Repeat((byte)'x', size)];

    private static Task<WebApplication> StartAsync(
        OwnRedisServer redis, string connectionString, ScriptedMailbox mailbox, int inlineLimit = Beside) =>
        StartAsync(redis, connectionString, _ => mailbox, inlineLimit);

    private static async Task<WebApplication> StartAsync(
        OwnRedisServer redis,
        string connectionString,
        Func<MailboxOptions, IMailbox> connect,
        int inlineLimit = Beside,
        int mailboxes = 1)
    {
        var settings = new LocalSettings
        {
            ["Streams:ConnectionString"] = connectionString,
            ["Bodies:InlineLimit"] = inlineLimit.ToString(CultureInfo.InvariantCulture),
            ["Consumer:Enabled"] = "false",
            ["Polling:MaxWatched"] = "0",
            ["Polling:FetchAttempts"] = Attempts.ToString(CultureInfo.InvariantCulture),
            ["Logging:Console:LogLevel:Default"] = "None",
            ["POLL_SCHEDULE"] = "0 0 0 1 1 *",
        };
        for (var i = 0; i < mailboxes; i++)
        {
            settings[$"Mailboxes:{i}:Host"] = "localhost";
            settings[$"Mailboxes:{i}:Username"] = i == 0 ? "user@example.test" : $"user{i}@example.test";
            settings[$"Mailboxes:{i}:Password"] = "secret";
            settings[$"Mailboxes:{i}:StartFrom"] = "all";
        }

        var host = LocalHost.Build(
            settings,
            new LocalHostOptions(Directory.CreateTempSubdirectory("ingestion-").FullName, null),
            services => services.AddSingleton(connect));
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }
}
