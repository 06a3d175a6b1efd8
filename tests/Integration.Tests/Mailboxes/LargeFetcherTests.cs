using System.Diagnostics.Metrics;
using EmailIngestion.Integration.Tests.Bodies;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Polly;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests what the fetch of a large email does once its entry is appended.</summary>
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

    private static PolledMailbox Polled(FolderPlace place)
    {
        var options = new MailboxOptions { Username = "user@example.test" };
        var hints = new HintFiles(Options.Create(new PollingOptions()), TimeProvider.System, NullLogger<HintFiles>.Instance);
        return new PolledMailbox(options, Partition(place), new MailboxMemory(options.Name, hints), TimeProvider.System);
    }

    private LargeFetcher Fetcher(FolderPlace place, PolledMailbox polled, ScriptedMailbox mailbox, MailboxCursor cursor)
    {
        var metrics = new IngestionMetrics(_services.GetRequiredService<IMeterFactory>());
        var pressure = new StreamPressure(
            place.Partition.Connection, place.Partition.Options, metrics, TimeProvider.System, NullLogger<StreamPressure>.Instance);
        return new LargeFetcher(
            mailbox,
            polled,
            cursor,
            new MailboxItems(polled.Options, cursor, TimeProvider.System.GetUtcNow()),
            new LargeStore(polled.Stream, pressure, ResiliencePipeline.Empty),
            new PollingOptions(),
            NullLogger.Instance);
    }

    private static StreamPartition Partition(FolderPlace place) =>
        new(place.Partition.Name, place.Partition.Connection, place.Partition.Options, TimeProvider.System, place.Options);
}
