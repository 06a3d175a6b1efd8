using System.Diagnostics.Metrics;

namespace EmailIngestion.Core.Tests.Support;

/// <summary>The meters of one test. Tests run in parallel, and meters of several tests have the same name.</summary>
internal sealed class TestMeters : IMeterFactory
{
    private readonly List<Meter> _meters = [];

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose() => _meters.ForEach(meter => meter.Dispose());
}
