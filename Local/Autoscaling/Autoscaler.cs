namespace EmailIngestion.Local.Autoscaling;

/// <summary>
/// KEDA and the HPA in one: each pass reads the triggers, decides, and sets the number of wanted replicas. It starts and stops no process.
/// </summary>
/// <param name="spec">The ScaledObject.</param>
/// <param name="read">Reads one trigger now.</param>
/// <param name="time">The clock.</param>
internal sealed class Autoscaler(ScaledObject spec, Func<Trigger, CancellationToken, Task<TriggerReading>> read, TimeProvider time)
{
    private readonly DateTimeOffset _created = time.GetUtcNow();
    private readonly ScalerCache _scalers = new(spec);
    private readonly TriggerReading[] _polled = new TriggerReading[spec.Triggers.Count];
    private readonly TriggerState[] _states = [.. spec.Triggers.Select(trigger => new TriggerState(trigger, default, false, null))];
    private HpaHistory? _history;
    private DateTimeOffset? _lastActive;
    private string _why = "";

    /// <summary>The number of wanted replicas.</summary>
    public int Wanted { get; private set; }

    public AutoscalerState State(int running, int stopping) => new(time.GetUtcNow(), [.. _states], Wanted, running, stopping, _why);

    /// <summary>Runs KEDA's pass, which decides between 0 and 1.</summary>
    public async Task PollAsync(CancellationToken cancellationToken)
    {
        var readings = await ReadAsync(cached: false, cancellationToken);
        if (_scalers.Poll(readings, Wanted) is not { } metrics)
        {
            Show(readings, [.. readings.Select(_ => false)]);
            if (Wanted == 0)
                _why = "KEDA cannot connect to Redis";
            return;
        }

        Show(readings, [.. metrics.Select(metric => metric.IsActive)]);
        var decision = Activation.Decide(
            spec,
            Wanted,
            metrics.Any(metric => metric.IsActive),
            metrics.Any(metric => metric.Value is null),
            _lastActive,
            _created,
            time.GetUtcNow());
        _lastActive = decision.LastActive;
        if (decision.Replicas != Wanted || Wanted == 0)
            _why = decision.Why;
        Wanted = decision.Replicas;
    }

    /// <summary>Runs the HPA's pass, which decides from 1 on. At 0 it is off and reads nothing.</summary>
    public async Task SyncAsync(int running, CancellationToken cancellationToken)
    {
        if (Wanted == 0)
        {
            _history ??= HpaHistory.Begin(0, time.GetUtcNow());
            return;
        }

        var readings = await ReadAsync(cached: true, cancellationToken);
        var metrics = _scalers.Ask(readings, Wanted);
        Show(readings, [.. metrics.Select(metric => metric.IsActive)]);
        var decision = HorizontalAutoscaler.Decide(spec, _history, Wanted, running, metrics, time.GetUtcNow());
        _history = decision.History;
        _why = decision.Why;
        for (var i = 0; i < _states.Length; i++)
            _states[i] = _states[i] with { Desired = decision.Desired[i] };
        Wanted = decision.Replicas;
    }

    private async Task<TriggerReading[]> ReadAsync(bool cached, CancellationToken cancellationToken)
    {
        var readings = await Task.WhenAll(spec.Triggers.Select((trigger, i) =>
            cached && trigger.UseCachedMetrics ? Task.FromResult(_polled[i]) : read(trigger, cancellationToken)));
        if (!cached)
            readings.CopyTo(_polled, 0);
        return readings;
    }

    private void Show(TriggerReading[] readings, bool[] active)
    {
        for (var i = 0; i < _states.Length; i++)
            _states[i] = _states[i] with { Reading = readings[i], IsActive = active[i], Desired = Wanted == 0 ? null : _states[i].Desired };
    }
}
