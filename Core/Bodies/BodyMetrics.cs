using System.Diagnostics.Metrics;
using EmailIngestion.Telemetry;

namespace EmailIngestion.Bodies;

/// <summary>The instruments of the stores of bodies.</summary>
internal sealed class BodyMetrics
{
    private const string Reading = "read";
    private const string Writing = "write";

    private static readonly double[] Buckets = [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

    private readonly Histogram<double> _read;
    private readonly Histogram<double> _write;
    private readonly Counter<long> _failures;

    public BodyMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(TelemetryNames.Meter);
        _read = Seconds(meter, "email_ingestion_body_read", "From the opening of a body to its verified end.");
        _write = Seconds(meter, "email_ingestion_body_write", "The write of a body, until it is durable.");
        _failures = meter.CreateCounter<long>(
            "email_ingestion_body_failures", description: "Bodies that could not be read or written, by failure.");
    }

    public void Read(BodyStoreKind store, TimeSpan duration) => _read.Record(duration.TotalSeconds, Store(store));

    public void Written(BodyStoreKind store, TimeSpan duration) => _write.Record(duration.TotalSeconds, Store(store));

    public void ReadFailed(BodyStoreKind store, BodyFailure failure) => Failed(store, failure, Reading);

    public void WriteFailed(BodyStoreKind store, BodyFailure failure) => Failed(store, failure, Writing);

    private void Failed(BodyStoreKind store, BodyFailure failure, string operation) => _failures.Add(
        1,
        Store(store),
        new KeyValuePair<string, object?>("operation", operation),
        new KeyValuePair<string, object?>("failure", failure switch
        {
            BodyFailure.Unavailable => "unavailable",
            BodyFailure.Missing => "missing",
            _ => "mismatch",
        }));

    private static Histogram<double> Seconds(Meter meter, string name, string description) => meter.CreateHistogram(
        name, "s", description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets });

    private static KeyValuePair<string, object?> Store(BodyStoreKind store) => new("store", BodyReference.Text(store));
}
