using EmailIngestion.Messages;
using EmailIngestion.Processing;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Registry;

namespace EmailIngestion.Consuming;

/// <summary>Runs the processor for one delivery and decides the outcome.</summary>
internal sealed class DeliveryRunner(
    ProcessorRunner processor,
    IOptions<ConsumerOptions> options,
    ResiliencePipelineProvider<string> pipelines,
    Circuit circuit,
    AbandonedRuns abandoned,
    IngestionMetrics metrics,
    TimeProvider time)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly ResiliencePipeline _processing = pipelines.GetPipeline(ProcessingPipeline.Name);
    private readonly OutageExemptions _exemptions = new();
    private readonly DependencyWatch _dependency = new();

    /// <summary>How many deliveries may be read now: the circuit and abandoned runs that still run limit it.</summary>
    public ReadAllowance Allowance()
    {
        var state = circuit.State;
        var (count, wait) = abandoned.MayRead() ? circuit.Allowance() : (0, LongestWait);
        // The wait is short: the circuit may close earlier, and the read loop must report its heartbeat.
        return new ReadAllowance(count, wait < LongestWait ? wait : LongestWait, state);
    }

    /// <param name="lease">The delivery and its lease.</param>
    /// <param name="partition">The partition, for the processor.</param>
    public async Task<Outcome> RunAsync(Lease lease, string partition)
    {
        var delivery = lease.Delivery;
        metrics.QueueWaited(time.GetUtcNow() - delivery.Appended);
        var started = time.GetTimestamp();
        var began = _dependency.Begin();
        var attempts = new Attempts(processor, lease, Describe(delivery, partition), abandoned, time);
        var context = ResilienceContextPool.Shared.Get(lease.Stop);
        // Polly's strategies work with object results. A call without a result would be converted around each strategy.
        var ended = await _processing.ExecuteOutcomeAsync(
            static (attempt, attempts) => attempts.RunAsync(attempt.CancellationToken), context, attempts);
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

    // The policy classifies every exception of the processor. When the circuit rejects a repeated attempt, the failure before it
    // counts.
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
        // A run that continues after its time keeps its email and perhaps a thread. Uncounted repeats would use up all threads.
        return isOwn || attempts.StillRuns ? Blame.Email : Blame.Dependency;
    }
}
