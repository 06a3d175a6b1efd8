using System.Diagnostics.Metrics;
using EmailIngestion.Telemetry;

namespace EmailIngestion.Load;

/// <summary>Records the measurements of one consumer process: every value of the product's instruments, and its emails.</summary>
internal sealed class LoadRecorder : IDisposable
{
    private readonly Lock _gate = new();
    private readonly MeterListener _listener = new();
    private readonly TimeProvider _time;
    private readonly LoadSamples _samples = new();

    public LoadRecorder(TimeProvider time)
    {
        _time = time;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == TelemetryNames.Meter && instrument is Histogram<double>)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Measured(instrument.Name, value));
        _listener.Start();
    }

    public void Began(uint uid)
    {
        var now = _time.GetTimestamp();
        lock (_gate)
        {
            _samples.Uids.Add(uid);
            _samples.Begun.Add(now);
        }
    }

    public void Write(string file)
    {
        lock (_gate)
            _samples.Write(file);
    }

    public void Dispose() => _listener.Dispose();

    private void Measured(string instrument, double seconds)
    {
        var list = instrument switch
        {
            "email_ingestion_queue_wait" => _samples.QueueWait,
            "processing_latency" => _samples.Processing,
            "email_ingestion_end_to_end_latency" => _samples.EndToEnd,
            _ => null,
        };
        if (list is null)
            return;
        var now = _time.GetTimestamp();
        lock (_gate)
        {
            list.Add(seconds);
            if (list == _samples.EndToEnd)
                _samples.Last = Math.Max(_samples.Last, now);
        }
    }
}
