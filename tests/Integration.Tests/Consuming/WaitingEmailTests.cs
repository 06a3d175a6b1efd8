using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>Tests one email that waits while 200 others a second are processed. Polling never stops for it.</summary>
public sealed class WaitingEmailTests(TestServers servers)
{
    private const int Each = 20;

    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);

    [Theory]
    [InlineData(500)]
    [InlineData(10_000)]
    public async Task An_email_that_fails_five_times_does_not_stop_polling(int limit)
    {
        await using var partition = new TestPartition(servers);
        var script = new ProcessorScript(
            (message, _) => message.Uid == 1 ? throw new InvalidOperationException("not this one") : Task.CompletedTask);
        await StartConsumerAsync(partition, script, limit, lease: "00:00:02");

        var count = await PollThroughAsync(partition, limit, async () => (await partition.DeadLettersAsync()).Count == 1);
        await partition.DrainedAsync();

        Assert.Equal(Mails.UidRange(2, count), script.Completed);
        var deadLetter = Assert.Single(await partition.DeadLettersAsync());
        Assert.Equal((1u, 5, DeadLetterReasons.MaxDeliveries), (deadLetter.Uid!.Value, deadLetter.DeliveryCount, deadLetter.Reason));
        // The condition includes the rest of the load. The first failure is the one at the start.
        Assert.Equal(5, script.Runs.Count(uid => uid == 1));
        Assert.Equal(0, (await partition.ReadSnapshotAsync()).Vanished);
    }

    [Fact]
    public async Task A_delivery_of_a_crashed_consumer_does_not_stop_polling()
    {
        const int Limit = 500;
        await using var partition = new TestPartition(servers);
        var poller = await StartPollerAsync(partition, Limit);
        var mailbox = poller.Mailbox.Fill(1);
        await poller.Host.PollAsync();
        await using var crashed = partition.Partition.Join("dead", TimeSpan.FromMinutes(1));
        var orphan = await crashed.Reader.ReadAsync(1, TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        var script = new ProcessorScript(Consumers.Completes);
        await StartConsumerAsync(partition, script, Limit, lease: "00:01:00");

        var count = await PollThroughAsync(partition, Limit, () => Task.FromResult(mailbox.Mails.Count > 2 * Limit), poller);
        await Eventually.TrueAsync(() => script.Completed.Length == count - 1, "all but the orphan are processed");
        Assert.Equal([$"{orphan[0].EntryId} dead 1"], await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));

        await crashed.ReleaseAsync(orphan, TestContext.Current.CancellationToken);
        await partition.DrainedAsync();
        Assert.Equal(Mails.UidRange(1, count), script.Completed);
    }

    [Fact]
    public async Task A_delivery_that_is_in_work_for_long_does_not_stop_polling()
    {
        const int Limit = 500;
        await using var partition = new TestPartition(servers);
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var script = new ProcessorScript((message, token) => message.Uid == 1 ? released.Task.WaitAsync(token) : Task.CompletedTask);
        await StartConsumerAsync(partition, script, Limit, lease: "00:00:03");
        var poller = await StartPollerAsync(partition, Limit);

        var count = await PollThroughAsync(partition, Limit, () => Task.FromResult(poller.Mailbox.Mails.Count > 3 * Limit), poller);
        released.SetResult();
        await partition.DrainedAsync();

        Assert.Equal(Mails.UidRange(1, count), script.Completed);
        Assert.Equal(Mails.UidRange(1, count), script.Runs);
    }

    // Appends and polls until the end time; returns the last UID.
    private static async Task<uint> PollThroughAsync(
        TestPartition partition, int limit, Func<Task<bool>> ended, (WebApplication Host, ScriptedMailbox Mailbox)? known = null)
    {
        var (host, mailbox) = known ?? await StartPollerAsync(partition, limit);
        var bound = new StreamOptions { MaxStreamLength = limit }.MaxSettled;
        var longest = 0L;
        var started = TimeProvider.System.GetTimestamp();
        using var pace = new PeriodicTimer(Every, TimeProvider.System);
        while (!await ended())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromMinutes(3), "The email has waited long enough.");
            var last = mailbox.Mails.Keys.LastOrDefault();
            mailbox.Fill(Mails.UidRange(last + 1, last + Each));
            Assert.Equal(new PollResult(PollEnd.Complete, Appended: Each), await host.PollAsync());
            var counts = await StreamCounts.OfAsync(partition.Database, partition.Keys.Stream);
            Assert.Equal(counts.Unread, counts.Lag);
            longest = Math.Max(longest, counts.Length - counts.Lag - counts.Pending);
            // The limit is for outstanding entries too: a slow machine gets the time to process them.
            await Eventually.TrueAsync(
                async () => await StreamCounts.OfAsync(partition.Database, partition.Keys.Stream) is var now
                    && now.Lag + now.Pending < limit / 2,
                "the consumer keeps up with the poller");
            await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        // More entries were settled than may stay. No more stay than those, plus the entries that are settled between two checks on a busy
        // machine.
        Assert.InRange(longest, 1, bound + (4 * Each * 10));
        return mailbox.Mails.Keys.LastOrDefault();
    }

    private static async Task<(WebApplication Host, ScriptedMailbox Mailbox)> StartPollerAsync(TestPartition partition, int limit)
    {
        var mailbox = new ScriptedMailbox();
        return (await partition.StartPollerAsync(mailbox, settings => settings["Streams:MaxStreamLength"] = $"{limit}"), mailbox);
    }

    private static Task<WebApplication> StartConsumerAsync(TestPartition partition, ProcessorScript script, int limit, string lease) =>
        partition.StartConsumerAsync(
        script,
        ("Streams:MaxStreamLength", $"{limit}"),
        ("Consumer:Lease", lease),
        ("Consumer:LeaseRenewal", "00:00:00.300"),
        ("Processing:Retries", "0"),
        ("Processing:AttemptTimeout", "00:05:00"));
}
