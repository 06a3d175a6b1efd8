using System.Diagnostics.Metrics;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Streams.Jobs;
using Microsoft.AspNetCore.Builder;
using Xunit;
using static EmailIngestion.Integration.Tests.Support.BackfillSteps;

namespace EmailIngestion.Integration.Tests.Operations;

/// <summary>
/// Takes back what Redis has confirmed to a backfill, as a failover does that the process does not notice. Its position and its entries are
/// of one server, so both go back together.
/// </summary>
public sealed class BackfillLossTests(TestServers servers)
{
    private const int Count = 120;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Appends_that_are_lost_after_they_were_confirmed_are_repeated()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition);
        using var appended = new Appended(host.Mailbox(), () =>
        {
            partition.Database.StreamTrim(partition.Keys.Stream, 0);
            partition.Database.HashSet(partition.Keys.Cursor(host.Mailbox()), [new("backfill_last", 0), new("backfill_appended", 0)]);
        });

        await AssertReadOnceAsync(host, await host.BackfillAsync(Day, Day));
    }

    [Fact]
    public async Task Counts_are_refused_when_the_appends_that_they_count_are_lost()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition, ("Streams:MaxStreamLength", "60"));
        var id = await host.BackfillAsync(Day, Day);
        await host.WaitingJobAsync(id, 60);
        var (jobs, keys) = (partition.Partition.Jobs, partition.Keys);
        var holder = (await host.JobAsync(id)).Process;
        var change = new JobChange(JobState.Waiting)
        {
            Additions = [("done", 1)],
            Expected = (keys.Cursor(host.Mailbox()), "backfill_last", 61),
        };
        Assert.False(await jobs.UpdateAsync(id, "backfill", holder, change, Cancel));
        Assert.Equal(60, (await host.JobAsync(id)).Done);
        change = change with { Expected = (keys.Cursor(host.Mailbox()), "backfill_last", 60) };
        Assert.True(await jobs.UpdateAsync(id, "backfill", holder, change, Cancel));
        Assert.Equal(61, (await host.JobAsync(id)).Done);
    }

    [Fact]
    public async Task A_beginning_that_is_lost_is_repeated()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition);
        using var appended = new Appended(host.Mailbox(), () =>
        {
            partition.Database.StreamTrim(partition.Keys.Stream, 0);
            partition.Database.HashDelete(partition.Keys.Cursor(host.Mailbox()), "backfill_job");
        });

        await AssertReadOnceAsync(host, await host.BackfillAsync(Day, Day));
    }

    [Fact]
    public async Task A_folder_that_is_renumbered_while_its_cursor_is_lost_fails_the_job()
    {
        await using var partition = new TestPartition(servers);
        const string Folder = "Old";
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(Mails(Count), Folder);
        var settings = partition.PollingSettings(Folder, "now");
        settings["Streams:MaxStreamLength"] = "60";
        var host = await partition.StartHostAsync(settings);
        await host.PollAsync();
        var id = await host.BackfillAsync(Day, Day);
        await host.WaitingJobAsync(id, 60);

        // The emails behind the position of the job have its first UIDs now.
        await user.RecreateAsync(Folder);
        await user.AppendAsync(Mails(Count), Folder);
        await partition.Database.KeyDeleteAsync(partition.Keys.Cursor(host.Mailbox()));
        await SettleAsync(partition);
        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);

        var job = await host.EndedJobAsync(id);
        Assert.Equal((JobState.Failed, 60L), (job.State, job.Done));
        Assert.Contains("renumbered", job.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_mailbox_that_is_started_again_with_the_same_numbers_fails_the_job_for_its_own_reason(bool isPositionLost)
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition, ("Streams:MaxStreamLength", "60"));
        var id = await host.BackfillAsync(Day, Day);
        await host.WaitingJobAsync(id, 60);

        var cursor = partition.Keys.Cursor(host.Mailbox());
        await partition.Database.HashIncrementAsync(cursor, "epoch");
        if (isPositionLost)
            await partition.Database.HashDeleteAsync(cursor, "backfill_job");
        await SettleAsync(partition);

        var job = await host.EndedJobAsync(id);
        Assert.Equal((JobState.Failed, 60L), (job.State, job.Done));
        Assert.StartsWith("The polls have started the mailbox again since the backfill began", job.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backfill_whose_position_another_one_took_continues_and_counts_on()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition, ("Streams:MaxStreamLength", "60"));
        var id = await host.BackfillAsync(Day, Day);
        await host.WaitingJobAsync(id, 60);
        // As a process of an older version does, which lets another backfill of the mailbox overtake one that waits.
        await partition.Database.HashSetAsync(partition.Keys.Cursor(host.Mailbox()), "backfill_job", "1700000000000-00000000");
        await partition.Database.StreamTrimAsync(partition.Keys.Stream, 0);
        var job = await host.EndedJobAsync(id);
        Assert.Equal((JobState.Completed, (long)Count, 0L), (job.State, job.Done, job.Skipped));
        Assert.Equal(Enumerable.Range(61, 60).Select(uid => (uint)uid), await host.StreamedUidsAsync());
    }

    [Fact]
    public async Task A_second_backfill_of_a_mailbox_follows_the_first_even_if_that_waits()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition, ("Streams:MaxStreamLength", "60"));
        var first = await host.BackfillAsync(Day, Day);
        await host.WaitingJobAsync(first, 60);
        var second = await host.BackfillAsync(Day, Day);
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, Cancel);
        Assert.Equal((JobState.Queued, JobState.Waiting), ((await host.JobAsync(second)).State, (await host.JobAsync(first)).State));

        await SettleAsync(partition);
        Assert.Equal((long)Count, (await host.EndedJobAsync(first)).Done);
        await SettleAsync(partition);
        var job = await host.EndedJobAsync(second);
        Assert.Equal((JobState.Completed, 0L, (long)Count), (job.State, job.Done, job.Skipped));
    }

    private static async Task SettleAsync(TestPartition partition)
    {
        await using var group = partition.Partition.Join("tester", TimeSpan.FromMinutes(1));
        await group.SettleAsync(await group.Reader.ReadAsync(60, TimeSpan.FromSeconds(5), Cancel), Cancel);
    }

    private static async Task AssertReadOnceAsync(WebApplication host, string id)
    {
        var cursor = await host.LiveCursorAsync();
        var job = await host.EndedJobAsync(id);
        Assert.Equal((JobState.Completed, "", (long)Count, 0L), (job.State, job.Reason, job.Done, job.Skipped));
        Assert.Equal(Enumerable.Range(1, Count).Select(uid => (uint)uid), await host.StreamedUidsAsync());
        Assert.Equal(cursor, await host.LiveCursorAsync());
    }

    private async Task<WebApplication> StartAsync(TestPartition partition, params (string Name, string Value)[] changes)
    {
        await new MailUser(servers, partition.User).AppendAsync(Mails(Count));
        var settings = partition.PollingSettings(startFrom: "now");
        foreach (var (name, value) in changes)
            settings[name] = value;
        var host = await partition.StartHostAsync(settings);
        await host.PollAsync();
        return host;
    }

    // Runs once, when the first emails of the mailbox are appended and before anything reads Redis again.
    private sealed class Appended : IDisposable
    {
        private readonly MeterListener _listener = new();
        private int _toRun = 1;

        public Appended(string mailbox, Action act)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "email_ingestion_emails_produced")
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
            {
                foreach (var tag in tags)
                {
                    if (tag.Value as string == mailbox && Interlocked.Exchange(ref _toRun, 0) == 1)
                        act();
                }
            });
            _listener.Start();
        }

        public void Dispose() => _listener.Dispose();
    }
}
