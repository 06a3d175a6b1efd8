using EmailIngestion.Consuming;
using EmailIngestion.Processing;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Time.Testing;
using Polly.CircuitBreaker;
using Xunit;

namespace EmailIngestion.Core.Tests.Consuming;

public sealed class CircuitsTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _time = new();
    private readonly MetricCollector<int> _gauge;
    private readonly Circuit _archive;
    private readonly Circuit _webhook;
    private readonly Circuits _circuits;

    public CircuitsTests()
    {
        var meters = _services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
        _gauge = new MetricCollector<int>(meters, TelemetryNames.Meter, "email_ingestion_circuit_breaker_state");
        var metrics = new IngestionMetrics(meters);
        _archive = new Circuit(_time, metrics, "archive");
        _webhook = new Circuit(_time, metrics, "webhook:support");
        ProcessorList[] lists = [new(0, "", ["archive"]), new(1, "", ["webhook:support"])];
        _circuits = new Circuits(() => lists, list => list.Index == 0 ? _archive : _webhook);
    }

    public void Dispose()
    {
        _gauge.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void While_one_circuit_is_closed_everything_is_read()
    {
        _archive.Opened(TimeSpan.FromSeconds(30));
        Assert.Equal((int.MaxValue, TimeSpan.Zero), _circuits.Allowance());
        Assert.False(_circuits.NoneIsClosed);
        Assert.Equal(CircuitState.Open, _circuits.State);
    }

    [Fact]
    public void When_none_is_closed_the_shortest_break_decides()
    {
        _archive.Opened(TimeSpan.FromSeconds(30));
        _webhook.Opened(TimeSpan.FromSeconds(10));
        Assert.True(_circuits.NoneIsClosed);
        Assert.Equal((0, TimeSpan.FromSeconds(10)), _circuits.Allowance());
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((1, TimeSpan.Zero), _circuits.Allowance());
    }

    [Fact]
    public void A_rejected_email_waits_for_the_next_test_of_the_dependency()
    {
        _webhook.Opened(TimeSpan.FromSeconds(30));
        Assert.Equal(TimeSpan.FromSeconds(30), _webhook.RejectedWait());
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.FromSeconds(1), _webhook.RejectedWait());
        _webhook.HalfOpened();
        Assert.Equal(TimeSpan.FromSeconds(5), _webhook.RejectedWait());
    }

    [Fact]
    public void The_last_failure_is_the_newest_of_all()
    {
        Assert.Null(_circuits.LastFailure);
        _webhook.Failed("first");
        _time.Advance(TimeSpan.FromSeconds(1));
        _archive.Failed("second");
        Assert.Equal("second", _circuits.LastFailure!.Error);
    }

    [Fact]
    public void The_gauge_has_a_state_for_each_circuit_with_its_processors()
    {
        _webhook.Opened(TimeSpan.FromSeconds(30));
        _gauge.RecordObservableInstruments();
        Assert.Equal(
            [("archive", 0), ("webhook:support", 1)],
            _gauge.GetMeasurementSnapshot().Select(measured => ((string)measured.Tags["processor"]!, measured.Value)).Order());
    }
}
