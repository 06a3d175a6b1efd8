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

    private static async Task<WebApplication> StartAsync(
        OwnRedisServer redis, string connectionString, ScriptedMailbox mailbox, int inlineLimit = Beside)
    {
        var settings = new LocalSettings
        {
            ["Streams:ConnectionString"] = connectionString,
            ["Bodies:InlineLimit"] = inlineLimit.ToString(CultureInfo.InvariantCulture),
            ["Consumer:Enabled"] = "false",
            ["Polling:MaxWatched"] = "0",
            ["Polling:FetchAttempts"] = Attempts.ToString(CultureInfo.InvariantCulture),
            ["Mailboxes:0:Host"] = "localhost",
            ["Mailboxes:0:Username"] = "user@example.test",
            ["Mailboxes:0:Password"] = "secret",
            ["Mailboxes:0:StartFrom"] = "all",
            ["Logging:Console:LogLevel:Default"] = "None",
            ["POLL_SCHEDULE"] = "0 0 0 1 1 *",
        };
        var host = LocalHost.Build(
            settings,
            new LocalHostOptions(Directory.CreateTempSubdirectory("ingestion-").FullName, null),
            services => services.AddSingleton<Func<MailboxOptions, IMailbox>>(_ => mailbox));
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }
}
