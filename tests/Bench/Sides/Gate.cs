using System.Diagnostics.Metrics;
using EmailIngestion.Processing;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Bench.Sides;

/// <summary>
/// A processor that waits while the gate is closed, so that emails can be appended before the clock starts. Then it does nothing, or what
/// the processor behind it does.
/// </summary>
internal sealed class Gate : IEmailProcessor, IDisposable
{
    public const string Name = "gate";

    private const string Processed = "email_ingestion_emails_processed";
    private const string DeadLettered = "email_ingestion_dlq_messages";

    private readonly MeterListener _listener = new();
    private readonly IEmailProcessor? _behind;
    private TaskCompletionSource? _closed;
    private TaskCompletionSource _reached = new();
    private long _settled;
    private long _target = long.MaxValue;

    public Gate(IServiceProvider services, GateOptions options)
    {
        _behind = options.Processor is { } name ? services.GetRequiredKeyedService<IEmailProcessor>(name) : null;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == TelemetryNames.Meter && instrument.Name is Processed or DeadLettered)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, count, _, _) =>
        {
            if (instrument.Name == (Fails ? DeadLettered : Processed)
                && Interlocked.Add(ref _settled, count) >= Interlocked.Read(ref _target))
                _reached.TrySetResult();
        });
        _listener.Start();
    }

    /// <summary>Whether each email fails permanently. Dead letters are counted then, and processed emails else.</summary>
    public bool Fails { get; set; }

    public void Close() => _closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Open() => Interlocked.Exchange(ref _closed, null)?.SetResult();

    public Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken) =>
        _closed is { } closed ? WaitAsync(closed.Task, delivery, cancellationToken) : WorkAsync(delivery, cancellationToken);

    /// <summary>Completes when the given number of further emails is settled.</summary>
    public Task SettledAsync(int more)
    {
        _reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _target, Interlocked.Read(ref _settled) + more);
        return _reached.Task;
    }

    public void Dispose() => _listener.Dispose();

    private async Task WaitAsync(Task opened, EmailDelivery delivery, CancellationToken cancellationToken)
    {
        await opened.WaitAsync(cancellationToken);
        await WorkAsync(delivery, cancellationToken);
    }

    private Task WorkAsync(EmailDelivery delivery, CancellationToken cancellationToken) =>
        Fails ? Task.FromException(new PermanentFailureException("It is meant to fail."))
        : _behind is null ? Task.CompletedTask : _behind.ProcessAsync(delivery, cancellationToken);
}
