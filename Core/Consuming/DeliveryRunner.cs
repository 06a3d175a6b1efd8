using EmailIngestion.Messages;
using EmailIngestion.Processing;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Registry;

namespace EmailIngestion.Consuming;

/// <summary>Runs the processor for one delivery and decides what its end means.</summary>
internal sealed class DeliveryRunner(
    IEmailProcessor processor,
    IOptions<ConsumerOptions> options,
    ResiliencePipelineProvider<string> pipelines,
    Circuit circuit,
    AbandonedRuns abandoned,
    IngestionMetrics metrics,
    TimeProvider time)
{
    private readonly ResiliencePipeline _processing = pipelines.GetPipeline(ProcessingPipeline.Name);
    private readonly Excuses _excuses = new();

    public bool MayRead() => abandoned.MayRead();

    public async Task<Outcome> RunAsync(Lease lease)
    {
        var delivery = lease.Delivery;
        metrics.QueueWaited(time.GetUtcNow() - delivery.Appended);
        var started = time.GetTimestamp();
        var attempts = new Attempts(processor, lease, abandoned, time);
        var context = ResilienceContextPool.Shared.Get(lease.Stop);
        // An object is what Polly's strategies work with: a call without result is turned into one and back around each of them.
        var ended = await _processing.ExecuteOutcomeAsync(static (attempt, attempts) => attempts.RunAsync(attempt.CancellationToken), context, attempts);
        ResilienceContextPool.Shared.Return(context);
        var outcome = Decide(ended.Exception, attempts.Failure, lease);
        metrics.ProcessingTook(time.GetElapsedTime(started), outcome.Name);
        return outcome;
    }

    // Whatever the processor throws is the policy's to judge. A circuit that refused the repeat does not hide why there was one.
    private Outcome Decide(Exception? end, Exception? failure, Lease lease)
    {
        var error = end is BrokenCircuitException ? failure ?? end : end;
        if (error is not (null or OperationCanceledException or BrokenCircuitException))
            circuit.Failed(BoundedText.Line(error.Message));
        if (error is EmailFailureException own)
            return OutcomePolicy.AfterRun(own.Error, lease.Delivery, options.Value.MaxDeliveries, lease.IsAbandoned, excused: false);
        var excused = failure is not null && circuit.IsOpen && OutcomePolicy.Postponed(error) is null && _excuses.Take(lease.Delivery.Entry, circuit.Closings);
        return OutcomePolicy.AfterRun(error, lease.Delivery, options.Value.MaxDeliveries, lease.IsAbandoned, excused);
    }
}
