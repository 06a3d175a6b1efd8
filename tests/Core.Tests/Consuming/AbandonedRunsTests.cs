using EmailIngestion.Consuming;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Processing;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Core.Tests.Consuming;

public sealed class AbandonedRunsTests : IDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(5);

    private readonly TestMeters _meters = new();
    private readonly FakeTimeProvider _time = new();
    private readonly FakeLogger<AbandonedRuns> _logger = new();
    private readonly AbandonedRuns _abandoned;

    public AbandonedRunsTests() => _abandoned = new AbandonedRuns(
        Options.Create(new ProcessingOptions { MaxAbandoned = 2 }), new IngestionMetrics(_meters), _time, _logger);

    public void Dispose() => _meters.Dispose();

    [Fact]
    public void A_run_that_heeds_its_token_is_never_counted()
    {
        for (var i = 0; i < 10; i++)
            Abandon().SetCanceled(CancellationToken.None);
        _time.Advance(Moment);
        Assert.Equal(0, _abandoned.Count);
        Assert.True(_abandoned.MayRead());
    }

    [Fact]
    public void Up_to_the_limit_the_process_reads_on_and_says_so_once()
    {
        Abandon();
        Abandon();
        _time.Advance(Moment);
        Assert.True(_abandoned.MayRead());
        Assert.True(_abandoned.MayRead());
        Assert.Null(_abandoned.Problem);
        Assert.Equal([LogLevel.Warning], Levels());
    }

    [Fact]
    public void Beyond_it_the_process_stops_reading_until_enough_have_ended()
    {
        TaskCompletionSource[] runs = [Abandon(), Abandon(), Abandon()];
        _time.Advance(Moment);
        Assert.False(_abandoned.MayRead());
        Assert.Equal("3 abandoned runs of the processor are still running (Processing:MaxAbandoned is 2)", _abandoned.Problem);

        runs[1].SetException(new InvalidOperationException("ignored"));
        Assert.True(_abandoned.MayRead());
        Assert.Null(_abandoned.Problem);
        Assert.Equal([LogLevel.Critical, LogLevel.Information], Levels());
    }

    [Fact]
    public void The_gauge_shows_how_many_runs_go_on()
    {
        using var gauge = new MetricCollector<int>(_meters, TelemetryNames.Meter, "email_ingestion_abandoned_runs");
        var run = Abandon();
        _time.Advance(Moment);
        _abandoned.MayRead();
        gauge.RecordObservableInstruments();
        run.SetResult();
        _abandoned.MayRead();
        gauge.RecordObservableInstruments();
        Assert.Equal([1, 0], gauge.GetMeasurementSnapshot().Select(measurement => measurement.Value));
    }

    private TaskCompletionSource Abandon()
    {
        var run = new TaskCompletionSource();
        _abandoned.Add(run.Task);
        return run;
    }

    private LogLevel[] Levels() => [.. _logger.Collector.GetSnapshot().Select(record => record.Level)];
}
