using EmailIngestion.Telemetry;
using Polly.CircuitBreaker;

namespace EmailIngestion.Consuming;

/// <summary>
/// The state of the circuit around the processor's dependency, of this process alone. While it is open nothing is read; when it may have
/// healed one email is read to try it.
/// </summary>
public sealed class Circuit
{
    // How often to look whether the email that tries the circuit has had its answer.
    private static readonly TimeSpan WhileTried = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider _time;
    private readonly IngestionMetrics _metrics;
    private readonly Lock _gate = new();
    private CircuitState _state = CircuitState.Closed;
    private DateTimeOffset _probeAt;
    private long _closings;
    private ProcessorFailure? _lastFailure;

    internal Circuit(TimeProvider time, IngestionMetrics metrics)
    {
        _time = time;
        _metrics = metrics;
    }

    /// <summary>Whether it is closed, open or half-open.</summary>
    public CircuitState State
    {
        get
        {
            lock (_gate)
                return _state;
        }
    }

    /// <summary>The last failure of the processor; null when there was none.</summary>
    public ProcessorFailure? LastFailure => Volatile.Read(ref _lastFailure);

    /// <summary>How often it has closed again: which outage this is.</summary>
    internal long Closings => Interlocked.Read(ref _closings);

    internal bool IsOpen => State is CircuitState.Open or CircuitState.Isolated;

    /// <summary>Notes a failure of the processor, for people.</summary>
    internal void Failed(string error) => Volatile.Write(ref _lastFailure, new ProcessorFailure(_time.GetUtcNow(), error));

    internal void Opened(TimeSpan duration) => Set(CircuitState.Open, _time.GetUtcNow() + duration);

    internal void HalfOpened() => Set(CircuitState.HalfOpen, default);

    internal void Closed()
    {
        Interlocked.Increment(ref _closings);
        Set(CircuitState.Closed, default);
    }

    /// <summary>How many emails may be read now: all, one to try the circuit, or none before the given wait is over.</summary>
    internal (int Count, TimeSpan Wait) Allowance()
    {
        lock (_gate)
        {
            if (_state == CircuitState.Closed)
                return (int.MaxValue, TimeSpan.Zero);
            // One is being tried; whatever were read meanwhile would be refused and have to be given back.
            if (_state == CircuitState.HalfOpen)
                return (0, WhileTried);
            var wait = _probeAt - _time.GetUtcNow();
            return wait > TimeSpan.Zero ? (0, wait) : (1, TimeSpan.Zero);
        }
    }

    private void Set(CircuitState state, DateTimeOffset probeAt)
    {
        lock (_gate)
        {
            _state = state;
            _probeAt = probeAt;
        }

        _metrics.Circuit(state switch { CircuitState.Closed => 0, CircuitState.HalfOpen => 2, _ => 1 });
    }
}
