using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Mailboxes;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Polly;
using Polly.Retry;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>
/// Tests append steps that are sent before the earlier ones are confirmed, the steps behind a failed one, and steps with bodies.
/// </summary>
public sealed class AppenderTests : IAsyncDisposable
{
    private const int Each = 250;
    private const int StepsInProgress = 3;

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Nothing_is_taken_back_while_nothing_fails()
    {
        await using var redis = await OwnRedisServer.StartAsync(new RedisProcessOptions());

        await AppendAsync(redis, 6_000, () => Task.CompletedTask);

        Assert.Equal(Mails.UidRange(1, 6_000), await RedisState.UidsAsync(redis.Database, redis.Partition.Keys.Stream));
        Assert.Equal(0, await TakenBackAsync(redis));
    }

    [Fact]
    public async Task A_lost_connection_reorders_only_the_batches_in_progress()
    {
        await using var redis = await OwnRedisServer.StartAsync(new RedisProcessOptions());

        var killed = Task.CompletedTask;
        await AppendAsync(
            redis,
            6_000,
            async () =>
            {
                // From here on no command is answered until the connections are closed.
                await redis.Database.ExecuteAsync("CLIENT", "PAUSE", 5_000, "WRITE");
                killed = KillAsync(redis.Database);
            });
        await killed;

        Assert.Equal(Mails.UidRange(1, 6_000), await RedisState.UidsAsync(redis.Database, redis.Partition.Keys.Stream));
        Assert.InRange(await TakenBackAsync(redis), 0, StepsInProgress);
    }

    // Some have a body, so that the script appends as many as fit.
    [Fact]
    public async Task A_step_that_the_stream_limit_divides_is_counted()
    {
        await using var redis = await OwnRedisServer.StartAsync(new RedisProcessOptions(), options => options.MaxStreamLength = 4);
        var appender = await StartedAsync(redis);

        Assert.Equal(PollEnd.BackPressure, await appender.AppendAsync(Mixed(2, 6), CancellationToken.None));

        Assert.Equal(4, await redis.Database.StreamLengthAsync(redis.Partition.Keys.Stream));
        Assert.Equal((4, 4u), (appender.Progress.Appended, appender.Last));
        await redis.Database.StreamReadGroupAsync(redis.Partition.Keys.Stream, StreamKeys.Group, "one", ">");
        await redis.Database.StreamAcknowledgeAsync(
            redis.Partition.Keys.Stream, StreamKeys.Group,
            [.. (await redis.Database.StreamRangeAsync(redis.Partition.Keys.Stream)).Select(entry => entry.Id)]);
        Assert.Equal(PollEnd.Complete, await appender.AppendAsync(Mixed(5, 6), CancellationToken.None));
        Assert.Equal((6, 6u), (appender.Progress.Appended, appender.Last));
    }

    [Theory]
    [InlineData(6_000, 6_000)]
    [InlineData(8_000, 8_000)]
    [InlineData(2_000, 140_000)]
    public async Task A_step_of_the_most_emails_stays_below_the_lowest_limit_of_Redis(int size, int sizeOfSome)
    {
        await using var redis =
            await OwnRedisServer.StartAsync(new RedisProcessOptions { ExtraArguments = ["--client-query-buffer-limit", "1mb"] });
        var appender = await StartedAsync(redis);
        var cuts = 0;
        (await redis.Connection.GetAsync(CancellationToken.None)).ConnectionFailed += (_, _) => Interlocked.Increment(ref cuts);

        var items = Mails.UidRange(2, 376).Select(uid => Large(uid, uid % 50 == 5 ? sizeOfSome : size)).ToArray();
        Assert.Equal(PollEnd.Complete, await appender.AppendAsync(items, CancellationToken.None));

        Assert.Equal((376, 0), (appender.Progress.Appended, cuts));
        Assert.Equal(Mails.UidRange(1, 376), await RedisState.UidsAsync(redis.Database, redis.Partition.Keys.Stream));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_that_cannot_be_appended_does_not_stop_the_emails_before_it(bool isRefused)
    {
        await using var redis = await OwnRedisServer.StartAsync(new RedisProcessOptions());
        var appender = await StartedAsync(redis);
        var items = Mixed(2, 6);
        var keys = redis.Partition.Keys;
        // The second body. One that is kept and has another length is not whole.
        var body = keys.Bodies.Body((await LargeMails.ItemAsync(redis.Partition.Stream, 5)).Body!.Name);
        if (isRefused)
            await redis.Database.ListRightPushAsync(body, "of another type");
        else
            await redis.Database.StringSetAsync(body, "shorter");

        await Assert.ThrowsAnyAsync<RedisException>(() => appender.AppendAsync(items, CancellationToken.None));

        Assert.Equal([1u, 2, 3, 4], await RedisState.UidsAsync(redis.Database, keys.Stream));
        Assert.Equal((4, 4u), (appender.Progress.Appended, appender.Last));
    }

    // Those with an odd UID have a body.
    private static AppendItem[] Mixed(uint first, uint last) =>
        [.. Mails.UidRange(first, last).Select(uid => Large(uid, uid % 2 == 1 ? LargeMails.Bytes : 2_000))];

    private static AppendItem Large(uint uid, int bytes)
    {
        var message = LargeMails.Message(uid, bytes) with { Subject = new string('s', 480) };
        return new AppendItem(message, SHA256.HashData(message.Raw.Span)[..16]);
    }

    // The first append finds out that transactions are allowed.
    private async Task<MailboxAppender> StartedAsync(OwnRedisServer redis)
    {
        var appender = await AppenderAsync(redis, attempts: 1);
        Assert.Equal(PollEnd.Complete, await appender.AppendAsync([Mails.Item(1)], CancellationToken.None));
        return appender;
    }

    private static async Task KillAsync(IDatabase database)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);
        await database.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        await database.ExecuteAsync("CLIENT", "UNPAUSE");
    }

    private async Task<MailboxAppender> AppenderAsync(OwnRedisServer redis, int attempts)
    {
        await redis.Guard.EnsureGroupAsync(redis.Partition.Keys, CancellationToken.None);
        var metrics = new IngestionMetrics(_services.GetRequiredService<IMeterFactory>());
        var cursor = await Mails.StartAsync(redis.Partition.Stream);
        return new MailboxAppender(
            Mails.Mailbox,
            cursor,
            Mails.Window,
            redis.Partition.Stream,
            new StreamPressure(redis.Connection, redis.Options, metrics, TimeProvider.System, NullLogger<StreamPressure>.Instance),
            new ResiliencePipelineBuilder()
                .AddRetry(new RetryStrategyOptions { MaxRetryAttempts = attempts, Delay = TimeSpan.FromMilliseconds(50) })
                .Build(),
            metrics);
    }

    private async Task AppendAsync(OwnRedisServer redis, int count, Func<Task> halfWay)
    {
        var appender = await AppenderAsync(redis, attempts: 100);
        var recycled = 0;
        for (var first = 1; first < count; first += Each)
        {
            if (first == 1 + (count / 2))
                await halfWay();
            Assert.True(
                await appender.SendAsync(Mails.Items((uint)first, (uint)(first + Each - 1)), () => recycled++, CancellationToken.None));
        }

        Assert.Equal(PollEnd.Complete, await appender.FinishAsync(CancellationToken.None));
        Assert.Equal((uint)count, appender.Last);
        Assert.Equal(count / Each, recycled);
    }

    // Only a script that takes back an append reads the last item of a digest log.
    private static async Task<int> TakenBackAsync(OwnRedisServer redis)
    {
        var server = redis.Multiplexer.GetServer(redis.Multiplexer.GetEndPoints()[0]);
        var calls = (await server.InfoAsync("commandstats")).Single().FirstOrDefault(command => command.Key == "cmdstat_rpop").Value;
        return calls is null ? 0 : int.Parse(calls.Split(',')[0].Split('=')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
