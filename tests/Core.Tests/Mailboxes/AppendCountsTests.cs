using System.Diagnostics.Metrics;
using EmailIngestion.Mailboxes;
using EmailIngestion.Messages;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

/// <summary>Tests the counts of a poll whose step is appended in parts.</summary>
public sealed class AppendCountsTests
{
    [Fact]
    public async Task A_step_that_is_appended_in_parts_is_counted_once()
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var deadLetters = new MetricCollector<long>(meters, TelemetryNames.Meter, "email_ingestion_dlq_messages");
        var counts = new AppendCounts("a/INBOX", "", 10, new IngestionMetrics(meters));
        List<AppendItem> step = [Item(11, "one"), Item(12), Item(13), Item(14, "two"), Item(15)];

        counts.Add(step, new AppendResult(AppendStatus.Full, 12, 1, 0, 1));
        counts.Add(step, new AppendResult(AppendStatus.Complete, 15, 1, 1, 1));

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2, Duplicates: 1, DeadLettered: 2), counts.Progress);
        Assert.Equal(15u, counts.Last);
        Assert.Equal(
            ["one 1", "two 1"],
            deadLetters.GetMeasurementSnapshot().Select(measured => $"{measured.Tags[TelemetryNames.Reason]} {measured.Value}"));
    }

    private static AppendItem Item(uint uid, string? failure = null) => new(
        new EmailMessage
        {
            Id = new EmailId(1),
            Mailbox = "a/INBOX",
            UidValidity = 1,
            Uid = uid,
            Date = DateTimeOffset.UnixEpoch,
            Size = 1,
            Raw = new byte[1],
        },
        [],
        failure is null ? null : FailureRecord.Of(failure, "broken"));
}
