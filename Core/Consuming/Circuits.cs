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
    private readonly Func<IReadOnlyList<ProcessorList>> _lists;
    private readonly Func<ProcessorList, Circuit> _create;
    private readonly Lock _gate = new();

    // Every circuit so far, by the index of its list. A list that is used again later finds its circuit.
    private readonly Dictionary<int, Circuit> _byIndex = [];

    private (IReadOnlyList<ProcessorList> Lists, Circuit[] All) _current = ([], []);

    /// <param name="lists">Returns the lists in use.</param>
    /// <param name="create">Creates the circuit of a list.</param>
    internal Circuits(Func<IReadOnlyList<ProcessorList>> lists, Func<ProcessorList, Circuit> create) =>
        (_lists, _create) = (lists, create);

    /// <summary>Each circuit in use, that of <c>Processing:Processor</c> first.</summary>
    public IReadOnlyList<Circuit> All => Current;

    /// <summary>Open if one of them is open, else half-open if one of them is, else closed.</summary>
    public CircuitState State =>
        Current.Any(circuit => circuit.IsOpen) ? CircuitState.Open
        : Current.Any(circuit => circuit.State == CircuitState.HalfOpen) ? CircuitState.HalfOpen
        : CircuitState.Closed;

    /// <summary>The last failure of a processor; null if none has failed.</summary>
    public ProcessorFailure? LastFailure =>
        Current.Select(circuit => circuit.LastFailure).OfType<ProcessorFailure>().MaxBy(failure => failure.At);

    /// <summary>Whether emails are read only to test a dependency: no circuit is closed.</summary>
    internal bool NoneIsClosed => Array.TrueForAll(Current, circuit => circuit.State != CircuitState.Closed);

    /// <summary>
    /// The state for the read loop: closed if one of them is closed, else half-open if one of them is, else open.
    /// </summary>
    internal CircuitState ReadState =>
        !NoneIsClosed ? CircuitState.Closed
        : Current.Any(circuit => circuit.State == CircuitState.HalfOpen) ? CircuitState.HalfOpen
        : CircuitState.Open;

    // The lists change with the routes.
    private Circuit[] Current
    {
        get
        {
            var lists = _lists();
            lock (_gate)
            {
                if (!ReferenceEquals(_current.Lists, lists))
                    Use(lists);
                return _current.All;
            }
        }
    }

    private void Use(IReadOnlyList<ProcessorList> lists)
    {
        Circuit[] all = [.. lists.Select(Of)];
        foreach (var circuit in _current.All.Except(all))
            circuit.Use(false);
        foreach (var circuit in all.Except(_current.All))
            circuit.Use(true);
        _current = (lists, all);
    }

    /// <summary>Returns the circuit of a list.</summary>
    internal Circuit Of(ProcessorList list)
    {
        lock (_gate)
        {
            if (!_byIndex.TryGetValue(list.Index, out var circuit))
                _byIndex[list.Index] = circuit = _create(list);
            return circuit;
        }
    }

    // The only circuit of a process has no name in the metrics. It has none later either, when there are several.
    internal static Circuits Create(ProcessorRoutes routes, TimeProvider time, IngestionMetrics metrics)
    {
        var isOnly = routes.Lists.Count == 1;
        return new Circuits(
            () => routes.Lists, list => new Circuit(time, metrics, isOnly && list.Index == 0 ? "" : list.Text));
    }

    /// <summary>
    /// How many emails may be read now: any number, one to test a dependency, or none before the returned wait is over.
    /// </summary>
    internal (int Count, TimeSpan Wait) Allowance()
    {
        var all = Current;
        var best = all[0].Allowance();
        foreach (var circuit in all.AsSpan(1))
        {
            var other = circuit.Allowance();
            if (other.Count > best.Count || (other.Count == best.Count && other.Wait < best.Wait))
                best = other;
        }

        return best;
    }
}
