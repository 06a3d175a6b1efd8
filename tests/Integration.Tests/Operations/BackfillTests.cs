using EmailIngestion.Integration.Tests.Consuming;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Operations.Backfill;
using EmailIngestion.Operations.Control;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Jobs;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using static EmailIngestion.Integration.Tests.Support.BackfillSteps;

namespace EmailIngestion.Integration.Tests.Operations;

/// <summary>Reads older mail of a mailbox on the real Dovecot beside its polls.</summary>
public sealed class BackfillTests(TestServers servers)
{
    private static readonly FailureRecord Failure = FailureRecord.Of(DeadLetterReasons.Permanent, "Error", "broken");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mail_of_the_days_below_StartFrom_is_read_and_the_cursor_stays()
    {
        await using var partition = new TestPartition(servers);
        var user = await MailAsync(partition, 4);
        await user.AppendAsync([(TestMail.Of(5), At(Day.AddDays(2))), (TestMail.Of(6), At(Day.AddDays(-1)))]);
        var host = await partition.StartHostAsync(partition.PollingSettings(startFrom: "now"));
        await host.PollAsync();
        var before = await CursorAsync(host);

        var job = await host.EndedJobAsync(await host.BackfillAsync(Day, Day.AddDays(1)));

        Assert.Equal((JobState.Completed, 4L, 4L, 0L, 0L), (job.State, job.Total, job.Done, job.Skipped, job.Failed));
        Assert.Equal([1u, 2, 3, 4], (await partition.EmailsAsync()).Select(email => email.Uid));
        Assert.Equal(before, await CursorAsync(host));
        await user.AppendAsync([TestMail.Of(7)]);
        Assert.Equal(1, (await host.PollAsync()).Appended);
        Assert.Equal([1u, 2, 3, 4, 7], (await partition.EmailsAsync()).Select(email => email.Uid));
    }

    [Fact]
    public async Task Mail_above_the_cursor_is_left_to_polls()
    {
        await using var partition = new TestPartition(servers);
        var user = await MailAsync(partition, 2);
        var host = await partition.StartHostAsync(partition.PollingSettings(startFrom: "now"));
        await host.PollAsync();
        await user.AppendAsync([TestMail.Of(3)]);
        var job = await host.EndedJobAsync(await host.BackfillAsync(Day, to: null));
        Assert.Equal((2L, 2L), (job.Total, job.Done));
        Assert.Equal(1, (await host.PollAsync()).Appended);
        Assert.Equal([1u, 2, 3], (await partition.EmailsAsync()).Select(email => email.Uid));
    }

    [Fact]
    public async Task Mail_that_is_queued_dead_lettered_or_processed_is_skipped()
    {
        await using var partition = new TestPartition(servers);
        await MailAsync(partition, 5);
        var host = await partition.StartPollerAsync();
        Assert.Equal(5, (await host.PollAsync()).Appended);
        var ids = (await partition.EmailsAsync()).Select(email => email.Id).ToArray();
        await using var group = partition.Partition.Join("tester", TimeSpan.FromMinutes(1));
        var deliveries = await group.Reader.ReadAsync(3, TimeSpan.FromSeconds(5), Cancel);
        await group.SettleAsync([deliveries[0]], Cancel);
        Assert.True(await partition.Partition.DeadLetters.MoveAsync(deliveries[1], "tester", Failure, Cancel));
        await partition.Partition.Stream.TrimAsync(Cancel);
        // One is pending, one unread, and somebody has deleted the fifth.
        await partition.Database.StreamDeleteAsync(
            partition.Keys.Stream, [(await partition.Database.StreamRangeAsync(partition.Keys.Stream))[^1].Id]);

        var job = await host.EndedJobAsync(await host.BackfillAsync(Day, Day));

        Assert.Equal((5L, 1L, 4L, 0L), (job.Total, job.Done, job.Skipped, job.Failed));
        Assert.Equal(ids[2..], (await partition.EmailsAsync()).Select(email => email.Id));
        Assert.Equal(6, await EntriesAddedAsync(partition));
    }

    [Fact]
    public async Task Mail_whose_processed_id_is_forgotten_is_read_again_under_the_same_id()
    {
        await using var partition = new TestPartition(servers);
        await MailAsync(partition, 1);
        var host = await partition.StartPollerAsync();
        await host.PollAsync();
        var id = Assert.Single(await partition.EmailsAsync()).Id;
        await using (var group = partition.Partition.Join("tester", TimeSpan.FromMinutes(1)))
            await group.SettleAsync(await group.Reader.ReadAsync(1, TimeSpan.FromSeconds(5), Cancel), Cancel);
        await partition.Partition.Stream.TrimAsync(Cancel);
        Assert.Equal(1, (await host.EndedJobAsync(await host.BackfillAsync(Day, Day))).Skipped);
        // As after Streams:ProcessedRetention.
        foreach (var key in partition.AllKeys().Where(key => key.ToString().StartsWith("idempotency:", StringComparison.Ordinal)))
            await partition.Database.KeyDeleteAsync(key);
        Assert.Equal(1, (await host.EndedJobAsync(await host.BackfillAsync(Day, Day))).Done);
        Assert.Equal(id, Assert.Single(await partition.EmailsAsync()).Id);
    }

    [Fact]
    public async Task Days_without_mail_complete_with_nothing()
    {
        await using var partition = new TestPartition(servers);
        await MailAsync(partition, 1);
        var host = await partition.StartHostAsync(partition.PollingSettings(startFrom: "now"));
        await host.PollAsync();
        var job = await host.EndedJobAsync(await host.BackfillAsync(Day.AddDays(1), Day.AddDays(3)));
        Assert.Equal((JobState.Completed, 0L, 0L, ""), (job.State, job.Total, job.Done, job.Reason));
    }

    [Fact]
    public async Task It_waits_at_the_stream_limit_continues_and_can_be_cancelled()
    {
        await using var partition = new TestPartition(servers);
        await MailAsync(partition, 6);
        var settings = partition.PollingSettings(startFrom: "now");
        settings["Streams:MaxStreamLength"] = "2";
        var host = await partition.StartHostAsync(settings);
        await host.PollAsync();
        var id = await host.BackfillAsync(Day, Day);
        var job = await host.WaitingJobAsync(id, 2);
        Assert.Contains("Streams:MaxStreamLength", job.Reason, StringComparison.Ordinal);

        await using (var group = partition.Partition.Join("tester", TimeSpan.FromMinutes(1)))
            await group.SettleAsync(await group.Reader.ReadAsync(2, TimeSpan.FromSeconds(5), Cancel), Cancel);
        job = await host.WaitingJobAsync(id, 4);
        Assert.True(await host.Partition().Jobs.CancelAsync(job, "ops", Cancel));
        await using (var group = partition.Partition.Join("tester", TimeSpan.FromMinutes(1)))
            await group.SettleAsync(await group.Reader.ReadAsync(2, TimeSpan.FromSeconds(5), Cancel), Cancel);
        // The next job begins when the cancelled one has let go of its lane.
        var next = await host.EndedJobAsync(await host.BackfillAsync(Day.AddDays(1), Day.AddDays(1)));
        Assert.Equal(JobState.Completed, next.State);
        Assert.Equal(4, (await host.JobAsync(id)).Done);
        Assert.Equal(4, await EntriesAddedAsync(partition));
    }

    [Fact]
    public async Task It_waits_while_its_mailbox_is_paused()
    {
        await using var partition = new TestPartition(servers);
        await MailAsync(partition, 2);
        var host = await partition.StartHostAsync(partition.PollingSettings(startFrom: "now"));
        await host.PollAsync();
        var control = host.Services.GetRequiredService<IngestionControl>().Of(host.Partition());
        await control.PauseAsync(ControlScope.Mailbox, host.Mailbox(), "ops", null, Cancel);
        await Eventually.TrueAsync(() => host.Services.GetRequiredService<PolledMailboxes>().All[0].IsPaused, "the process knows");
        var id = await host.BackfillAsync(Day, Day);
        Assert.Equal("The mailbox is paused.", (await host.WaitingJobAsync(id, 0)).Reason);
        await control.ResumeAsync(ControlScope.Mailbox, host.Mailbox(), "ops", Cancel);
        Assert.Equal(2, (await host.EndedJobAsync(id)).Done);
    }

    [Fact]
    public async Task A_folder_that_is_renumbered_meanwhile_fails_the_job_and_nothing_is_appended()
    {
        await using var partition = new TestPartition(servers);
        const string folder = "Old";
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(Mails(4), folder);
        var settings = partition.PollingSettings(folder, "now");
        settings["Streams:MaxStreamLength"] = "2";
        var host = await partition.StartHostAsync(settings);
        await host.PollAsync();
        var id = await host.BackfillAsync(Day, Day);
        await host.WaitingJobAsync(id, 2);

        await user.RecreateAsync(folder);
        await user.AppendAsync(Mails(4), folder);
        await using (var group = partition.Partition.Join("tester", TimeSpan.FromMinutes(1)))
            await group.SettleAsync(await group.Reader.ReadAsync(2, TimeSpan.FromSeconds(5), Cancel), Cancel);

        var job = await host.EndedJobAsync(id);
        Assert.Equal((JobState.Failed, 2L), (job.State, job.Done));
        Assert.Contains("renumbered", job.Reason, StringComparison.Ordinal);
        Assert.Equal(2, await EntriesAddedAsync(partition));
    }

    [Fact]
    public async Task A_mailbox_that_no_process_polls_fails_the_job_by_its_name()
    {
        await using var partition = new TestPartition(servers);
        await MailAsync(partition, 1);
        var host = await partition.StartHostAsync(partition.PollingSettings());
        var (_, created) = await host.Services.GetRequiredService<BackfillOperations>().StartAsync(
            host.Partition(), new BackfillRequest("gone/INBOX", Day, null), "ops", Cancel);
        var job = await host.EndedJobAsync(created!.Id);
        Assert.Equal(JobState.Failed, job.State);
        Assert.Contains("'gone/INBOX'", job.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_email_is_streamed_to_the_store_and_whole()
    {
        await using var partition = new TestPartition(servers);
        var raw = TestMail.Large(1, 3_000_000);
        await new MailUser(servers, partition.User).AppendAsync([(raw, At(Day))]);
        var host = await partition.StartHostAsync(partition.PollingSettings(startFrom: "now"));
        await host.PollAsync();
        Assert.Equal(1, (await host.EndedJobAsync(await host.BackfillAsync(Day, Day))).Done);
        Assert.Equal(raw, Assert.Single(await partition.EmailsAsync()).Raw.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_email_that_the_server_does_not_return_becomes_a_dead_letter(int attempts)
    {
        await using var partition = new TestPartition(servers);
        var mailbox = new ScriptedMailbox { WithoutBody = { 2 } }.Fill(1, 2, 3);
        var settings = partition.PollingSettings(startFrom: "now");
        settings["Polling:FetchAttempts"] = $"{attempts}";
        var host = await partition.StartHostAsync(
            settings, services => services.AddSingleton<Func<MailboxOptions, IMailbox>>(_ => mailbox));
        await host.PollAsync();
        var opened = 0;
        mailbox.Opening = () => Interlocked.Increment(ref opened);
        var job = await host.EndedJobAsync(await host.BackfillAsync(DateOnly.FromDateTime(mailbox.Received.UtcDateTime), null));
        Assert.Equal((JobState.Completed, 2L, 0L, 1L), (job.State, job.Done, job.Skipped, job.Failed));
        Assert.Equal(attempts, opened);
        Assert.Equal([1u, 3], (await partition.EmailsAsync()).Select(email => email.Uid));
        var deadLetter = Assert.Single(await Consumers.DeadLettersAsync(partition));
        Assert.Equal((2u, "fetch-failed"), (deadLetter.Uid, deadLetter.Reason));
    }

    [Fact]
    public async Task A_mail_server_that_fails_is_asked_again()
    {
        await using var partition = new TestPartition(servers);
        var failures = 0;
        var mailbox = new ScriptedMailbox().Fill(1, 2, 3);
        var host = await partition.StartHostAsync(
            partition.PollingSettings(startFrom: "now"), services => services.AddSingleton<Func<MailboxOptions, IMailbox>>(_ => mailbox));
        await host.PollAsync();
        mailbox.Opening = () =>
        {
            if (Interlocked.Increment(ref failures) == 1)
                throw new MailboxException("The server is away.");
        };
        var job = await host.EndedJobAsync(await host.BackfillAsync(DateOnly.FromDateTime(mailbox.Received.UtcDateTime), null));
        Assert.Equal((JobState.Completed, 3L, 2), (job.State, job.Done, failures));
    }

    private async Task<MailUser> MailAsync(TestPartition partition, int count)
    {
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(Mails(count));
        return user;
    }

    private static async Task<(uint, int, uint)> CursorAsync(WebApplication host)
    {
        var cursor = await host.LiveCursorAsync();
        return (cursor.Last, cursor.Epoch, cursor.UidValidity);
    }

    private static async Task<long> EntriesAddedAsync(TestPartition partition)
    {
        var stream = (StackExchange.Redis.RedisResult[])(await partition.Database.ExecuteAsync(
            "XINFO", "STREAM", (StackExchange.Redis.RedisKey)partition.Keys.Stream))!;
        return (long)stream[Array.FindIndex(stream, field => (string?)field == "entries-added") + 1];
    }
}
