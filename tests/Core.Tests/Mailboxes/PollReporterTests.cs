using System.Diagnostics.Metrics;
using EmailIngestion.Mailboxes;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

public sealed class PollReporterTests
{
    [Theory]
    [InlineData(PollEnd.Stuck, 0)]
    [InlineData(PollEnd.Deadline, 0)]
    [InlineData(PollEnd.BackPressure, 0)]
    [InlineData(PollEnd.Parked, 1)]
    [InlineData(PollEnd.Elsewhere, 0)]
    [InlineData(PollEnd.BackingOff, 1)]
    [InlineData(PollEnd.Paused, 1)]
    [InlineData(PollEnd.Stopped, 1)]
    internal async Task A_poll_that_has_read_of_no_parking_ends_it_in_the_metric(PollEnd end, int parked)
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var gauge = new MetricCollector<int>(meters, TelemetryNames.Meter, "email_ingestion_mailbox_parked");
        var metrics = new IngestionMetrics(meters);
        var reporter = new PollReporter(metrics, new FakeTimeProvider(), NullLogger<PollService>.Instance);
        // These ends write nothing to Redis.
        var options = Options.Create(new StreamOptions { ConnectionString = "127.0.0.1:1" });
        await using var connection = StreamConnection.Create(options);
        var stream = new StreamPartition("", connection, options, new FakeTimeProvider()).Stream;
        metrics.Parked("ann/INBOX", true);

        await reporter.ReportAsync("ann/INBOX", stream, new PollResult(end), TimeSpan.Zero);

        gauge.RecordObservableInstruments();
        Assert.Equal(parked, gauge.LastMeasurement!.Value);
    }
}
