using System.Collections.Concurrent;
using EmailIngestion.Integration.Tests.SignIn;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using EmailIngestion.Streams.Jobs;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using static EmailIngestion.Integration.Tests.Support.BackfillSteps;

namespace EmailIngestion.Integration.Tests.Operations;

/// <summary>A backfill of a mailbox that is parked or throttled, or that meets a full Redis: it waits, says why, and goes on.</summary>
public sealed class BackfillWaitTests(TestServers servers, SignInServers signIn) : IClassFixture<SignInServers>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static DateOnly Yesterday => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(-1);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_parked_mailbox_is_read_when_it_is_resumed(bool pollsFirst)
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        var settings = partition.PollingSettings(startFrom: "now");
        signIn.SignIn(settings, partition);
        await (await StartAsync(partition, settings)).StopAsync(Cancel);
        signIn.Tokens.Script(partition.User, _ => TokenReply.Error("invalid_client"));
        var host = await partition.StartHostAsync(settings);
        if (pollsFirst)
            Assert.True((await host.PollAsync()).IsParked);
        var cursor = (await host.LiveCursorAsync()).Last;

        var id = await host.BackfillAsync(Yesterday, null);
        var job = await host.WaitingJobAsync(id, 0);
        Assert.Contains(pollsFirst ? "parked" : "invalid_client", job.Reason, StringComparison.Ordinal);
        signIn.Tokens.Script(partition.User, _ => null);
        await host.Partition().Control.RequestUnparkAsync(host.Mailbox(), "ops", Cancel);

        job = await host.EndedJobAsync(id);
        Assert.Equal((JobState.Completed, 3L, 0L, 0L), (job.State, job.Done, job.Skipped, job.Failed));
        Assert.Equal([1u, 2, 3], await host.StreamedUidsAsync());
        Assert.Equal(cursor, (await host.LiveCursorAsync()).Last);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_throttled_mailbox_is_not_opened_before_the_server_allows_it(bool pollMeetsIt)
    {
        await using var partition = new TestPartition(servers);
        var wait = TimeSpan.FromSeconds(6);
        var opened = new ConcurrentQueue<long>();
        var mailbox = new ScriptedMailbox().Fill(1, 2, 3);
        var host = await StartAsync(
            partition,
            partition.PollingSettings(startFrom: "now"),
            services => services.AddSingleton<Func<MailboxOptions, IMailbox>>(_ => mailbox));
        mailbox.Opening = () =>
        {
            opened.Enqueue(TimeProvider.System.GetTimestamp());
            if (opened.Count == 1)
                throw new MailboxThrottledException("The server throttles this user.", wait);
        };
        if (pollMeetsIt)
            Assert.Equal(PollEnd.Failed, (await host.PollAsync()).End);

        var id = await host.BackfillAsync(DateOnly.FromDateTime(mailbox.Received.UtcDateTime), null);
        Assert.Contains("throttles", (await host.WaitingJobAsync(id, 0)).Reason, StringComparison.Ordinal);
        // Nobody ends what the server has asked for.
        await host.Partition().Control.RequestPollAsync(host.Mailbox(), "ops", Cancel);
        await host.Partition().Control.RequestUnparkAsync(host.Mailbox(), "ops", Cancel);

        var job = await host.EndedJobAsync(id);
        Assert.Equal((JobState.Completed, 3L, 0L), (job.State, job.Done, job.Failed));
        Assert.Equal([1u, 2, 3], await host.StreamedUidsAsync());
        if (pollMeetsIt)
        {
            var times = opened.ToArray();
            Assert.True(TimeProvider.System.GetElapsedTime(times[0], times[1]) >= wait);
        }
    }

    [Fact]
    public async Task A_full_Redis_in_the_middle_loses_nothing_and_repeats_nothing()
    {
        const int Count = 1_500;
        await using var redis = await OwnRedisServer.StartAsync(new());
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync(Mails(Count));
        var settings = partition.PollingSettings(startFrom: "now");
        settings["Streams:ConnectionString"] = redis.Options.Value.ConnectionString;
        var host = await StartAsync(partition, settings);
        var cursor = await host.LiveCursorAsync();
        var id = await host.BackfillAsync(Day, Day);
        await Eventually.TrueAsync(async () => (await host.JobAsync(id)).Done >= 100, "it is in the middle");

        await redis.Database.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");
        var job = await host.WaitingJobAsync(id);
        Assert.Contains("Redis", job.Reason, StringComparison.Ordinal);
        Assert.InRange(job.Done, 100, Count - 1);
        Assert.Equal(cursor, await host.LiveCursorAsync());
        await redis.Database.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");

        job = await host.EndedJobAsync(id);
        Assert.Equal(
            (JobState.Completed, "", (long)Count, 0L, 0L), (job.State, job.Reason, job.Done, job.Skipped, job.Failed));
        Assert.Equal(Enumerable.Range(1, Count).Select(uid => (uint)uid), await host.StreamedUidsAsync());
        Assert.Equal(cursor, await host.LiveCursorAsync());
    }

    // Starts the mailbox's cursor above all of its mail.
    private static async Task<WebApplication> StartAsync(
        TestPartition partition, LocalSettings settings, Action<IServiceCollection>? configure = null)
    {
        var host = await partition.StartHostAsync(settings, configure);
        Assert.True(await host.PollAsync() is { End: PollEnd.Complete, Appended: 0 });
        return host;
    }
}
