using EmailIngestion.Consuming;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Time.Testing;
using Polly.CircuitBreaker;
using Xunit;

namespace EmailIngestion.Core.Tests.Consuming;

public sealed class CircuitTests : IDisposable
{
    private readonly TestMeters _meters = new();
    private readonly FakeTimeProvider _time = new();
    private readonly Circuit _circuit;

    public CircuitTests() => _circuit = new Circuit(_time, new IngestionMetrics(_meters));

    public void Dispose() => _meters.Dispose();

    [Fact]
    public void A_closed_circuit_lets_everything_be_read()
    {
        Assert.Equal((int.MaxValue, TimeSpan.Zero), _circuit.Allowance());
        Assert.False(_circuit.IsOpen);
    }

    [Fact]
    public void While_it_is_open_nothing_is_read()
    {
        _circuit.Opened(TimeSpan.FromSeconds(30));
        Assert.True(_circuit.IsOpen);
        Assert.Equal((0, TimeSpan.FromSeconds(30)), _circuit.Allowance());
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal((0, TimeSpan.FromSeconds(1)), _circuit.Allowance());
    }

    [Fact]
    public void After_the_break_one_email_is_read_as_a_trial()
    {
        _circuit.Opened(TimeSpan.FromSeconds(30));
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal((1, TimeSpan.Zero), _circuit.Allowance());
    }

    [Fact]
    public void While_the_trial_runs_no_other_email_is_read()
    {
        _circuit.Opened(TimeSpan.FromSeconds(30));
        _time.Advance(TimeSpan.FromSeconds(30));
        _circuit.HalfOpened();
        var (count, wait) = _circuit.Allowance();
        Assert.Equal(0, count);
        Assert.InRange(wait, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Closed_again_it_lets_everything_be_read()
    {
        _circuit.Opened(TimeSpan.FromSeconds(30));
        _circuit.HalfOpened();
        _circuit.Closed();
        Assert.Equal((int.MaxValue, TimeSpan.Zero), _circuit.Allowance());
        Assert.Equal(CircuitState.Closed, _circuit.State);
    }

    [Fact]
    public void Opened_again_it_waits_again()
    {
        _circuit.Opened(TimeSpan.FromSeconds(30));
        _circuit.HalfOpened();
        _circuit.Opened(TimeSpan.FromSeconds(30));
        Assert.Equal((0, TimeSpan.FromSeconds(30)), _circuit.Allowance());
    }

    [Fact]
    public void The_gauge_shows_closed_open_and_half_open()
    {
        using var gauge = new MetricCollector<int>(_meters, TelemetryNames.Meter, "email_ingestion_circuit_breaker_state");
        _circuit.Opened(TimeSpan.FromSeconds(1));
        gauge.RecordObservableInstruments();
        _circuit.HalfOpened();
        gauge.RecordObservableInstruments();
        _circuit.Closed();
        gauge.RecordObservableInstruments();
        Assert.Equal([1, 2, 0], gauge.GetMeasurementSnapshot().Select(measurement => measurement.Value));
    }
}
