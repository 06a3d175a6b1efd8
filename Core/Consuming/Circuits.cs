using EmailIngestion.Processing;
using EmailIngestion.Telemetry;
using Polly.CircuitBreaker;

namespace EmailIngestion.Consuming;

/// <summary>
/// The circuits of this process: one for each list of processors in the settings. The consumer stops reading when none is closed. While
/// another one is closed, emails of an open circuit are read and postponed.
/// </summary>
public sealed class Circuits
{
    private readonly Circuit[] _all;

    internal Circuits(IEnumerable<Circuit> all) => _all = [.. all];

    /// <summary>Each circuit, that of <c>Processing:Processor</c> first.</summary>
    public IReadOnlyList<Circuit> All => _all;

    /// <summary>Open if one of them is open, else half-open if one of them is, else closed.</summary>
    public CircuitState State =>
        _all.Any(circuit => circuit.IsOpen) ? CircuitState.Open
        : _all.Any(circuit => circuit.State == CircuitState.HalfOpen) ? CircuitState.HalfOpen
        : CircuitState.Closed;

    /// <summary>The last failure of a processor; null if none has failed.</summary>
    public ProcessorFailure? LastFailure =>
        _all.Select(circuit => circuit.LastFailure).OfType<ProcessorFailure>().MaxBy(failure => failure.At);

    /// <summary>Whether emails are read only to test a dependency: no circuit is closed.</summary>
    internal bool NoneIsClosed => Array.TrueForAll(_all, circuit => circuit.State != CircuitState.Closed);

    /// <summary>
    /// The state for the read loop: closed if one of them is closed, else half-open if one of them is, else open.
    /// </summary>
    internal CircuitState ReadState =>
        !NoneIsClosed ? CircuitState.Closed
        : _all.Any(circuit => circuit.State == CircuitState.HalfOpen) ? CircuitState.HalfOpen
        : CircuitState.Open;

    internal static Circuits Create(ProcessorRoutes routes, TimeProvider time, IngestionMetrics metrics) => new(
        routes.Lists.Select(list => new Circuit(time, metrics, routes.Lists.Count > 1 ? list.Text : "")));

    /// <summary>
    /// How many emails may be read now: any number, one to test a dependency, or none before the returned wait is over.
    /// </summary>
    internal (int Count, TimeSpan Wait) Allowance()
    {
        var best = _all[0].Allowance();
        foreach (var circuit in _all.AsSpan(1))
        {
            var other = circuit.Allowance();
            if (other.Count > best.Count || (other.Count == best.Count && other.Wait < best.Wait))
                best = other;
        }

        return best;
    }
}
