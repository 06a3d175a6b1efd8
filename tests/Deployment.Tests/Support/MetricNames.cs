using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using EmailIngestion.Bodies;
using EmailIngestion.Operations.Jobs;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Deployment.Tests.Support;

/// <summary>The names of the metrics as Prometheus shows them.</summary>
internal static partial class MetricNames
{
    /// <summary>The exported names: _total for a counter; the unit and _bucket, _sum and _count for a histogram.</summary>
    public static IReadOnlySet<string> Exported()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name != TelemetryNames.Meter)
                return;
            var name = instrument.Unit == "s" ? $"{instrument.Name}_seconds" : instrument.Name;
            if (instrument is Histogram<double>)
                names.UnionWith([name, $"{name}_bucket", $"{name}_sum", $"{name}_count"]);
            else
                names.Add(instrument is Counter<long> or ObservableCounter<long> ? $"{name}_total" : name);
        };
        listener.Start();
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        _ = new IngestionMetrics(services.GetRequiredService<IMeterFactory>());
        _ = new StreamMetrics(services.GetRequiredService<IMeterFactory>());
        _ = new BodyMetrics(services.GetRequiredService<IMeterFactory>());
        _ = new JobMetrics(services.GetRequiredService<IMeterFactory>());
        return names;
    }

    /// <summary>The names in docs/telemetry.md.</summary>
    public static IReadOnlySet<string> Documented() =>
        Row().Matches(Repository.Read("docs", "telemetry.md")).Select(row => row.Groups[1].Value).ToHashSet(StringComparer.Ordinal);

    /// <summary>The names in an expression.</summary>
    public static IEnumerable<string> In(string expression) => Ours().Matches(expression).Select(match => match.Value);

    // Names of spans have no underscore.
    [GeneratedRegex(@"^\| `([a-z]+_[a-z_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("(email_ingestion|processing_latency)_[a-z_]+")]
    private static partial Regex Ours();
}
