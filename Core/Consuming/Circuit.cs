using EmailIngestion.Telemetry;
using Polly.CircuitBreaker;

namespace EmailIngestion.Consuming;

/// <summary>
/// The state of the circuit breaker around one list of processors, in this process. While the circuit is open, its emails are not
/// processed. When its break is over, one email tests the dependency.
/// </summary>
public sealed class Circuit
{
    // How often to check whether the email that tests the dependency has ended.
    private static readonly TimeSpan ProbePollInterval = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider _time;
    private readonly IngestionMetrics _metrics;
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);

    // How long an email waits while another one tests the dependency.
    private static readonly TimeSpan ProbeWait = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private CircuitState _state = CircuitState.Closed;
    private DateTimeOffset _probeAt;
    private long _closings;
    private long _openings;
    private ProcessorFailure? _lastFailure;

    /// <summary>Creates a closed circuit.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="metrics">The metrics of the process.</param>
    /// <param name="processors">The names of the processors with commas; empty if the process has only one list of them.</param>
    internal Circuit(TimeProvider time, IngestionMetrics metrics, string processors = "")
    {
        _time = time;
        _metrics = metrics;
        Processors = processors;
        metrics.Circuit(processors, 0);
    }

    /// <summary>The names of the processors with commas; empty if the process has only one list of them.</summary>
    public string Processors { get; }

    /// <summary>Whether the circuit is closed, open or half-open.</summary>
    public CircuitState State
    {
        get
        {
            lock (_gate)
                return _state;
        }
    }

    /// <summary>The last failure of the processor; null if it has not failed.</summary>
    public ProcessorFailure? LastFailure => Volatile.Read(ref _lastFailure);

    /// <summary>How often the circuit has closed again. The number identifies an outage.</summary>
    internal long Closings => Interlocked.Read(ref _closings);

    /// <summary>How often the circuit has opened. The number shows whether it has opened since an attempt began.</summary>
    internal long Openings => Interlocked.Read(ref _openings);

    internal bool IsOpen => State is CircuitState.Open or CircuitState.Isolated;

    /// <summary>Records a failure of the processor for the status page.</summary>
    internal void Failed(string error) => Volatile.Write(ref _lastFailure, new ProcessorFailure(_time.GetUtcNow(), error));

    internal void Opened(TimeSpan duration)
    {
        Interlocked.Increment(ref _openings);
        Set(CircuitState.Open, _time.GetUtcNow() + duration);
    }

    internal void HalfOpened() => Set(CircuitState.HalfOpen, default);

    internal void Closed()
    {
        Interlocked.Increment(ref _closings);
        Set(CircuitState.Closed, default);
    }

    /// <summary>Reports the state from now on, or no longer: whether a mailbox has these processors.</summary>
    internal void Use(bool isUsed)
    {
        if (isUsed)
            Report();
        else
            _metrics.ForgetCircuit(Processors);
    }

    /// <summary>
    /// How many emails may be read now: any number, one to test the dependency, or none before the returned wait is over.
    /// </summary>
    internal (int Count, TimeSpan Wait) Allowance()
    {
        lock (_gate)
        {
            if (_state == CircuitState.Closed)
                return (int.MaxValue, TimeSpan.Zero);
            // One email tests the dependency. The circuit would reject others, and they would have to be released.
            if (_state == CircuitState.HalfOpen)
                return (0, ProbePollInterval);
            var wait = _probeAt - _time.GetUtcNow();
            return wait > TimeSpan.Zero ? (0, wait) : (1, TimeSpan.Zero);
        }
    }

    /// <summary>How long an email that the circuit rejected waits: until the next test of the dependency, or until one ends.</summary>
    internal TimeSpan RejectedWait()
    {
        lock (_gate)
        {
            var wait = _state == CircuitState.HalfOpen ? ProbeWait : _probeAt - _time.GetUtcNow();
            return wait > ShortestWait ? wait : ShortestWait;
        }
    }

    private void Set(CircuitState state, DateTimeOffset probeAt)
    {
        lock (_gate)
        {
            _state = state;
            _probeAt = probeAt;
        }

        Report();
    }

    private void Report() =>
        _metrics.Circuit(Processors, State switch { CircuitState.Closed => 0, CircuitState.HalfOpen => 2, _ => 1 });
}
