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
    ProcessorRunner processor,
    IOptions<ConsumerOptions> options,
    ResiliencePipelineProvider<string> pipelines,
    Circuit circuit,
    AbandonedRuns abandoned,
    IngestionMetrics metrics,
    TimeProvider time)
{
    private readonly ResiliencePipeline _processing = pipelines.GetPipeline(ProcessingPipeline.Name);
    private readonly OutageExemptions _exemptions = new();
    private readonly DependencyWatch _dependency = new();

    public bool MayRead() => abandoned.MayRead();

    /// <param name="lease">The delivery and the time it is ours.</param>
    /// <param name="partition">Where it comes from, for the processor to see.</param>
    public async Task<Outcome> RunAsync(Lease lease, string partition)
    {
        var delivery = lease.Delivery;
        metrics.QueueWaited(time.GetUtcNow() - delivery.Appended);
        var started = time.GetTimestamp();
        var began = _dependency.Begin();
        var attempts = new Attempts(processor, lease, Describe(delivery, partition), abandoned, time);
        var context = ResilienceContextPool.Shared.Get(lease.Stop);
        // An object is what Polly's strategies work with: a call without result is turned into one and back around each of them.
        var ended = await _processing.ExecuteOutcomeAsync(static (attempt, attempts) => attempts.RunAsync(attempt.CancellationToken), context, attempts);
        ResilienceContextPool.Shared.Return(context);
        var outcome = Decide(ended.Exception, attempts, began, lease);
        metrics.ProcessingTook(time.GetElapsedTime(started), outcome.Name);
        return outcome;
    }

    private static EmailDelivery Describe(Delivery delivery, string partition) => new()
    {
        Email = delivery.Message!,
        DeliveryCount = delivery.DeliveryCount,
        Partition = partition,
        AppendedAt = delivery.Appended,
    };

    // Whatever the processor throws is the policy's to judge. A circuit that refused the repeat does not hide why there was one.
    private Outcome Decide(Exception? end, Attempts attempts, long began, Lease lease)
    {
        var error = end is BrokenCircuitException ? attempts.Failure ?? end : end;
        if (error is not (null or OperationCanceledException or BrokenCircuitException))
            circuit.Failed(BoundedText.Line(error.Message));
        if (error is null)
            _dependency.Worked();
        var judged = error is EmailFailureException own ? own.Error : error;
        var blame = judged == error ? BlameFor(error, attempts, began, lease.Delivery.EntryId) : Blame.Email;
        return OutcomePolicy.AfterRun(judged, lease.Delivery, options.Value.MaxDeliveries, lease.IsAbandoned, blame);
    }

    private Blame BlameFor(Exception? error, Attempts attempts, long began, string entry)
    {
        if (error is null || !OutcomePolicy.IsTransient(error))
            return Blame.Email;
        var isOwn = _dependency.IsOwn(entry, began);
        if (circuit.IsOpen && OutcomePolicy.Postponed(error) is null && _exemptions.Take(entry, circuit.Closings))
            return Blame.OpenCircuit;
        // A run that goes on after its time holds its email and perhaps a thread. Repeated uncounted, it would take all there are.
        return isOwn || attempts.GoesOn ? Blame.Email : Blame.Dependency;
    }
}
