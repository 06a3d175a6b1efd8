using System.Diagnostics.Metrics;
using EmailIngestion.Bodies;
using EmailIngestion.Integration.Tests.Bodies;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Downloads;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Polly;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests the fetch of large emails where the store fails, is slow or loses them.</summary>
public sealed class LargeFetcherTests(TestServers servers) : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    // After a failover a former entry of the same email may have been settled just before.
    [Fact]
    public async Task A_body_that_was_deleted_during_its_append_is_written_again()
    {
        await using var place = new FolderPlace(servers);
        await place.Partition.EnsureGroupAsync();
        var cursor = await Mails.StartAsync(place.Partition.Partition.Stream);
        var mailbox = new ScriptedMailbox();
        mailbox.Mails[1] = TestMail.Large(1, 3_000_000);
        using var polled = Polled(place);
        var fetcher = Fetcher(place, polled, mailbox, cursor);
        var envelope = mailbox.FetchEnvelopes([1], CancellationToken.None)[0];
        var budget = new PollBudget(64 * 1024 * 1024);
        using var share = budget.Open();
        var batch = new FetchedBatch(share);
        Assert.True(fetcher.TryFetch(envelope, batch, isLastAttempt: false, TestContext.Current.CancellationToken));
        var streamed = batch.Emails[0].Streamed!;

        var isPassedOn = fetcher.TryPassOn(
            envelope,
            batch,
            appended =>
            {
                File.Delete(place.PathOf(streamed.Reference.Name));
                streamed.IsLost = true;
                appended.Recycle();
                return true;
            },
            TestContext.Current.CancellationToken);

        Assert.True(isPassedOn);
        Assert.Equal(mailbox.Mails[1], await place.ReadAsync(streamed.Reference));
    }

    [Fact]
    public async Task The_memory_of_a_body_that_is_written_again_is_released()
    {
        await using var place = await StartedAsync();
        var mailbox = new ScriptedMailbox();
        mailbox.Mails[1] = TestMail.Large(1, 3_000_000);
        using var polled = Polled(place);
        var fetcher = Fetcher(place, polled, mailbox, Cursor);
        var envelope = mailbox.FetchEnvelopes([1], CancellationToken.None)[0];
        using var share = new PollBudget(3 * fetcher.HeldBytes).Open();
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limited.CancelAfter(TimeSpan.FromMinutes(1));

        for (var i = 0; i < 5; i++)
        {
            var batch = new FetchedBatch(share);
            batch.Reserve(fetcher.HeldBytes, limited.Token);
            Assert.True(fetcher.TryFetch(envelope, batch, isLastAttempt: false, limited.Token));
            batch.Emails[0].Streamed!.IsLost = true;
            Assert.True(fetcher.TryPassOn(envelope, batch, Appended, limited.Token));
        }

        Assert.False(share.IsWaiting);
    }

    [Theory]
    [InlineData(11, true)]
    [InlineData(1, false)]
    public async Task A_cut_after_a_long_wait_for_the_store_is_not_the_emails_failure(int seconds, bool isTheStores)
    {
        await using var place = await StartedAsync();
        var mailbox = new ScriptedMailbox { DiesAtByte = 2_900_000 };
        mailbox.Mails[1] = TestMail.Large(1, 3_000_000);
        using var polled = Polled(place);
        var fetcher = Fetcher(place, polled, mailbox, Cursor, new SteppingTime(TimeSpan.FromSeconds(seconds)));
        var envelope = mailbox.FetchEnvelopes([1], CancellationToken.None)[0];
        using var share = new PollBudget(64 * 1024 * 1024).Open();
        var batch = new FetchedBatch(share);

        var error = Record.Exception(() => fetcher.TryFetch(envelope, batch, isLastAttempt: false, Cancel));

        Assert.Equal(isTheStores ? null : typeof(IOException), error?.GetType());
        Assert.Equal(isTheStores ? PollEnd.StoreAway : null, batch.Unstored?.End);
    }

    [Fact]
    public async Task A_poll_that_ends_while_the_store_takes_a_piece_was_held_up_by_the_store()
    {
        await using var place = await StartedAsync();
        var mailbox = new ScriptedMailbox();
        mailbox.Mails[1] = TestMail.Large(1, 9_000_000);
        using var polled = Polled(place);
        var hanging = new HangingStore();
        var stream = new EmailStream(
            place.Partition.Keys,
            place.Partition.Connection,
            place.Partition.Options,
            TimeProvider.System,
            new GuardedBodies(new BodyStores(place.Options, [hanging]), TimeProvider.System));
        var store = Store(place, stream, TimeProvider.System);
        var fetcher = Fetcher(polled, mailbox, Cursor, store);
        var envelope = mailbox.FetchEnvelopes([1], CancellationToken.None)[0];
        using var share = new PollBudget(64 * 1024 * 1024).Open();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var fetch = Task.Run(() => fetcher.TryFetch(envelope, new FetchedBatch(share), isLastAttempt: false, deadline.Token), Cancel);
        await hanging.Written;
        await deadline.CancelAsync();

        Assert.NotNull(await Record.ExceptionAsync(() => fetch));
        Assert.True(store.Waits.ExplainsDeadline(TimeSpan.FromDays(1)));
    }

    private static MailboxCursor Cursor { get; } = new(0, 1, 0, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, null);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static bool Appended(FetchedBatch batch)
    {
        batch.Recycle();
        return true;
    }

    private async Task<FolderPlace> StartedAsync()
    {
        var place = new FolderPlace(servers);
        await place.Partition.EnsureGroupAsync();
        return place;
    }

    private static PolledMailbox Polled(FolderPlace place)
    {
        var options = new MailboxOptions { Username = "user@example.test" };
        var hints = new HintFiles(Options.Create(new PollingOptions()), TimeProvider.System, NullLogger<HintFiles>.Instance);
        var partition = Partition(place);
        var downloads = DownloadBudget.Of(options, new PollingOptions(), partition.Downloads);
        return new PolledMailbox(options, partition, new MailboxMemory(options.Name, hints), downloads, TimeProvider.System);
    }

    private LargeFetcher Fetcher(
        FolderPlace place, PolledMailbox polled, ScriptedMailbox mailbox, MailboxCursor cursor, TimeProvider? time = null) =>
        Fetcher(polled, mailbox, cursor, Store(place, polled.Stream, time ?? TimeProvider.System));

    private static LargeFetcher Fetcher(PolledMailbox polled, ScriptedMailbox mailbox, MailboxCursor cursor, LargeStore store) => new(
        mailbox,
        polled,
        cursor,
        new MailboxItems(polled.Options, cursor, TimeProvider.System.GetUtcNow()),
        store,
        new PollingOptions(),
        NullLogger.Instance);

    private LargeStore Store(FolderPlace place, EmailStream stream, TimeProvider time)
    {
        var metrics = new IngestionMetrics(_services.GetRequiredService<IMeterFactory>());
        var pressure = new StreamPressure(
            place.Partition.Connection, place.Partition.Options, metrics, TimeProvider.System, NullLogger<StreamPressure>.Instance);
        return new LargeStore(stream, pressure, ResiliencePipeline.Empty, time);
    }

    private static StreamPartition Partition(FolderPlace place) =>
        new(place.Partition.Name, place.Partition.Connection, place.Partition.Options, TimeProvider.System, place.Options);
}
