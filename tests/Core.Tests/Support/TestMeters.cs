using System.Diagnostics.Metrics;

namespace EmailIngestion.Core.Tests.Support;

/// <summary>Meters of one test: tests run in parallel, and a meter's name alone does not tell them apart.</summary>
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
