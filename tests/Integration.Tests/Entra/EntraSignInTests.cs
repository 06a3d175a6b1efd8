using System.Collections.Concurrent;
using EmailIngestion.Hosting;
using EmailIngestion.Integration.Tests.Consuming;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Operations;
using EmailIngestion.Operations.Checks;
using EmailIngestion.Servers;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Xunit;

namespace EmailIngestion.Integration.Tests.Entra;

/// <summary>
/// A process signs in to Redis by tokens of Microsoft Entra ID. Each token has a user of its own in Redis, and that of a former token is
/// deleted, so that Redis closes each connection that has not signed in again.
/// </summary>
public sealed class EntraSignInTests(TestServers servers)
{
    private const string Purpose = "email-ingestion-";

    private const string Refused =
        @"Redis does not accept the token of user 5a1d1f0e-0000-4000-8000-\d+ \(WRONGPASS\): give this identity access to Redis, "
        + @"and check Streams:User\.";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_connection_signs_in_again_before_its_token_runs_out()
    {
        await using var run = await StartAsync(lifetime: TimeSpan.FromSeconds(8));
        var (redis, partition, user, script, log, host) = run;

        var first = new HashSet<string>(StringComparer.Ordinal);
        for (var round = 1; round <= 4; round++)
        {
            // An email of this size is streamed.
            await user.AppendAsync([.. TestMail.Many(19, (20 * round) - 19), TestMail.Of(20 * round, new string('x', 1_200_000))]);
            Assert.Equal((PollEnd.Complete, 20), await PollAsync(host));
            await Eventually.TrueAsync(() => script.Completed.Length == 20 * round, "the emails of the round are processed");
            if (round == 1)
                first.UnionWith((await redis.ConnectionsAsync()).Keys);

            var before = redis.User;
            await Eventually.TrueAsync(
                async () => redis.User != before
                    && await redis.ConnectionsAsync() is var all && all.Values.All(signedIn => signedIn == redis.User),
                "every connection has signed in by the next token");
            await redis.RunOutAsync(before);
        }

        Assert.Equal(
            [$"{Purpose}reader", $"{Purpose}shared"],
            first.Select(name => name.Split('/')[^1]).Order(StringComparer.Ordinal));
        Assert.Equal(first.Order(StringComparer.Ordinal), (await redis.ConnectionsAsync()).Keys.Order(StringComparer.Ordinal));
        Assert.Equal(Enumerable.Range(1, 80).Select(uid => (uint)uid), script.Runs);
        Assert.Equal(0, await redis.RefusedAsync());
        AssertNoToken(redis, log);
        Assert.Empty(log.At(LogLevel.Error));
    }

    [Fact]
    public async Task A_connection_that_breaks_comes_back_by_the_newest_token()
    {
        await using var run = await StartAsync(lifetime: TimeSpan.FromSeconds(8));
        var (redis, partition, user, script, log, host) = run;
        await user.AppendAsync(TestMail.Many(5));
        Assert.Equal((PollEnd.Complete, 5), await PollAsync(host));
        await Eventually.TrueAsync(() => redis.Issued.Count >= 2, "the token is renewed");
        await redis.RunOutAsync((await redis.ConnectionsAsync()).Values.First());
        await redis.CloseAllAsync();

        await user.AppendAsync(TestMail.Many(5, 6));
        await Eventually.TrueAsync(async () => (await PollAsync(host)).End == PollEnd.Complete, "Redis is polled into again");
        await Eventually.TrueAsync(() => script.Completed.Distinct().Count() == 10, "all are processed");
        AssertNoToken(redis, log);
    }

    [Fact]
    public async Task A_refused_token_is_a_refused_sign_in_until_redis_accepts_it()
    {
        await using var run = await StartAsync(accepts: false);
        var (redis, partition, user, script, log, host) = run;
        await user.AppendAsync(TestMail.Many(5));
        await Eventually.TrueAsync(
            async () => (await PollAsync(host)).End == PollEnd.RedisAway && log.Of(113).Count > 0, "the refused sign-in is logged");

        Assert.All(log.Of(113), line => Assert.Matches($@"\ACannot sign in to Redis: {Refused} Trying again; the emails stay", line));
        Assert.Empty(log.Of(100));
        var partitions = host.Services.GetRequiredService<StreamPartitions>();
        var health = await new PartitionsCheck(partitions).CheckHealthAsync(new HealthCheckContext(), Cancel);
        Assert.Matches(Refused[..^2], $"{health.Description}");
        var failure = OperationFailure.Of(await Assert.ThrowsAnyAsync<Exception>(
            () => partitions.Get(partition.Name).Inspector.ReadSnapshotAsync(details: true, Cancel)))!;
        Assert.Equal((OperationFailureKind.Passing, "Cannot sign in to Redis"), (failure.Kind, failure.Title));
        Assert.Matches(Refused, failure.Detail);
        redis.Accepts = true;
        await redis.AcceptNewestAsync();
        await Eventually.TrueAsync(async () => (await PollAsync(host)).End == PollEnd.Complete, "Redis accepts the token");
        await Eventually.TrueAsync(() => script.Completed.Length == 5, "all are processed");
        AssertNoToken(redis, log);
    }

    [Fact]
    public async Task A_token_that_redis_refuses_later_is_a_refused_sign_in_too()
    {
        await using var run = await StartAsync();
        var (redis, partition, user, script, log, host) = run;
        await user.AppendAsync(TestMail.Many(5));
        Assert.Equal((PollEnd.Complete, 5), await PollAsync(host));
        await Eventually.TrueAsync(() => script.Completed.Length == 5, "all are processed");

        redis.Accepts = false;
        await redis.RunOutAsync(redis.User);
        await user.AppendAsync(TestMail.Many(5, 6));
        await Eventually.TrueAsync(
            async () => await host.PollAsync() is { End: PollEnd.RedisAway, IsSignInRefused: true } && log.Of(113).Count > 0,
            "the refused sign-in is logged");
        Assert.All(log.Of(113), line => Assert.Matches($@"\ACannot sign in to Redis: {Refused}", line));
        redis.Accepts = true;
        await redis.AcceptNewestAsync();
        await Eventually.TrueAsync(async () => (await PollAsync(host)).End == PollEnd.Complete, "Redis accepts the token");
        await Eventually.TrueAsync(() => script.Completed.Distinct().Count() == 10, "all are processed");
        AssertNoToken(redis, log);
    }

    [Fact]
    public async Task A_source_that_fails_is_asked_again_and_no_connection_is_lost()
    {
        await using var run = await StartAsync(lifetime: TimeSpan.FromSeconds(6));
        var (redis, partition, user, script, log, host) = run;
        await user.AppendAsync(TestMail.Many(5));
        Assert.Equal((PollEnd.Complete, 5), await PollAsync(host));
        await Eventually.TrueAsync(() => script.Completed.Length == 5, "the reader is connected");
        var first = await redis.ConnectionsAsync();
        var asked = new ConcurrentQueue<long>();
        redis.Tokens.Answer = _ =>
        {
            asked.Enqueue(TimeProvider.System.GetTimestamp());
            return TokenAnswer.Refused("temporarily_unavailable", "AADSTS90033: A transient error.", 429, retryAfter: "3");
        };
        await Eventually.TrueAsync(() => asked.Count >= 2, "it asks again");
        redis.Tokens.Answer = _ => redis.Issue();
        await user.AppendAsync(TestMail.Many(5, 6));
        Assert.Equal((PollEnd.Complete, 5), await PollAsync(host));
        await Eventually.TrueAsync(
            async () => (await redis.ConnectionsAsync()).Values.All(signedIn => signedIn != first.Values.First()), "all signed in again");

        var times = asked.ToArray();
        // A source that throttles is not asked before the time that it names.
        Assert.True(TimeProvider.System.GetElapsedTime(times[0], times[1]) > TimeSpan.FromSeconds(2.5), "it waits for three seconds");
        Assert.Equal(first.Keys.Order(StringComparer.Ordinal), (await redis.ConnectionsAsync()).Keys.Order(StringComparer.Ordinal));
        Assert.Contains(
            log.All, line => line.Event is 115 or 116 && line.Text.Contains(
                "Microsoft Entra ID gives no token for Redis: temporarily_unavailable: AADSTS90033: A transient error.",
                StringComparison.Ordinal));
        await Eventually.TrueAsync(() => script.Completed.Length == 10, "all are processed");
        AssertNoToken(redis, log);
    }

    [Fact]
    public async Task A_token_that_runs_out_is_logged_once_and_not_at_each_check()
    {
        await using var run = await StartAsync(lifetime: TimeSpan.FromSeconds(6));
        var (redis, partition, user, script, log, host) = run;
        await user.AppendAsync(TestMail.Many(5));
        Assert.Equal((PollEnd.Complete, 5), await PollAsync(host));
        redis.Tokens.Answer = _ => TokenAnswer.Refused("temporarily_unavailable", "AADSTS90033: A transient error.", 429, retryAfter: "3");
        await Eventually.TrueAsync(() => log.Of(116).Count > 0, "the token has run out");
        await redis.RunOutAsync(redis.User);

        // A new connection is tried three seconds after the last answer, and each second from then on.
        var since = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(() => TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(8), "eight seconds pass");
        Assert.Empty(log.Of(106));
        Assert.Single(log.Of(116));

        redis.Tokens.Answer = _ => redis.Issue();
        await Eventually.TrueAsync(async () => (await PollAsync(host)).End == PollEnd.Complete, "Redis is polled into again");
        AssertNoToken(redis, log);
    }

    [Fact]
    public async Task Every_connection_to_every_node_of_a_cluster_signs_in_again()
    {
        await using var cluster = await ClusterProcesses.StartAsync([], TimeProvider.System, Cancel);
        await using var run = await StartAsync(cluster.Nodes, cluster.ConnectionString, TimeSpan.FromSeconds(12));
        var (redis, _, user, script, log, host) = run;
        await user.AppendAsync(TestMail.Many(10));
        Assert.Equal((PollEnd.Complete, 10), await PollAsync(host));
        await Eventually.TrueAsync(() => script.Completed.Length == 10, "the reader is connected");
        await Eventually.TrueAsync(
            async () => (await redis.ConnectionsAsync()).Count == 2 * cluster.Nodes.Count, "both are connected to all nodes");
        var first = await redis.ConnectionsAsync();
        var before = redis.User;
        await Eventually.TrueAsync(
            async () => redis.User != before && (await redis.ConnectionsAsync()).Values.All(signedIn => signedIn == redis.User),
            "every connection has signed in by the next token");
        await redis.RunOutAsync(before);
        await user.AppendAsync(TestMail.Many(10, 11));
        Assert.Equal((PollEnd.Complete, 10), await PollAsync(host));
        await Eventually.TrueAsync(() => script.Completed.Length == 20, "all are processed");

        Assert.Equal(first.Keys.Order(StringComparer.Ordinal), (await redis.ConnectionsAsync()).Keys.Order(StringComparer.Ordinal));
        Assert.Equal(0, await redis.RefusedAsync());
        AssertNoToken(redis, log);
    }

    private static async Task<(PollEnd End, int Appended)> PollAsync(WebApplication host)
    {
        var result = await host.PollAsync();
        return (result.End, result.Appended);
    }

    private async Task<Run> StartAsync(TimeSpan? lifetime = null, bool accepts = true)
    {
        var node = await RedisNode.StartAsync([], TimeProvider.System, Cancel);
        try
        {
            return await StartAsync([node], node.Address, lifetime, accepts) with { Node = node };
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    // A process that polls and consumes, on a Redis that accepts tokens.
    private async Task<Run> StartAsync(IReadOnlyList<RedisNode> nodes, string address, TimeSpan? lifetime, bool accepts = true)
    {
        var redis = await TokenRedis.StartAsync(nodes);
        redis.Lifetime = lifetime ?? redis.Lifetime;
        redis.Accepts = accepts;
        var partition = new TestPartition(servers);
        var (script, log) = (new ProcessorScript(Consumers.Completes), new LogLines());
        var settings = TokenRedis.Of(partition.Settings(), address);
        partition.AddMailbox(settings);
        settings["Processing:Processor"] = ScriptedProcessor.Name;
        var host = await partition.StartHostAsync(settings, services => services
            .AddSingleton(script)
            .AddSingleton<ILoggerProvider>(log)
            .PostConfigure<StreamOptions>(redis.Configure)
            .AddEmailProcessor<ScriptedProcessor>(ScriptedProcessor.Name));
        return new Run(redis, partition, new MailUser(servers, partition.User), script, log, host);
    }

    private static void AssertNoToken(TokenRedis redis, LogLines log)
    {
        var text = string.Join('\n', log.All.Select(line => $"{line.Text} {line.Exception}"));
        Assert.All(redis.Issued, token => Assert.DoesNotContain(token.Split('.')[1], text, StringComparison.Ordinal));
    }

    private sealed record Run(
        TokenRedis Redis, TestPartition Partition, MailUser User, ProcessorScript Script, LogLines Log, WebApplication Host)
        : IAsyncDisposable
    {
        /// <summary>The node of this run; null when the nodes belong to the test.</summary>
        public RedisNode? Node { get; init; }

        public async ValueTask DisposeAsync()
        {
            await Partition.DisposeAsync();
            await Redis.DisposeAsync();
            if (Node is not null)
                await Node.DisposeAsync();
        }
    }
}
