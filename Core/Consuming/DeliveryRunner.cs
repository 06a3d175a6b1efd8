using EmailIngestion.Messages;
using EmailIngestion.Processing;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;

namespace EmailIngestion.Consuming;

/// <summary>Runs the processor for one delivery and decides the outcome.</summary>
internal sealed class DeliveryRunner(
    ProcessorRunner processor,
    ProcessorGuards guards,
    Circuits circuits,
    IOptions<ConsumerOptions> options,
    AbandonedRuns abandoned,
    IngestionMetrics metrics,
    TimeProvider time)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    /// <summary>How many deliveries may be read now: the circuits and abandoned runs that still run limit it.</summary>
    public ReadAllowance Allowance()
    {
        var state = circuits.ReadState;
        var (count, wait) = abandoned.MayRead() ? circuits.Allowance() : (0, LongestWait);
        // The wait is short: the circuit may close earlier, and the read loop must report its heartbeat.
        return new ReadAllowance(count, wait < LongestWait ? wait : LongestWait, state);
    }

    /// <param name="lease">The delivery and its lease.</param>
    /// <param name="email">The email with its message.</param>
    /// <param name="partition">The partition, for the processor.</param>
    public async Task<Outcome> RunAsync(Lease lease, EmailMessage email, string partition)
    {
        var delivery = lease.Delivery;
        metrics.QueueWaited(partition, time.GetUtcNow() - delivery.Appended);
        var started = time.GetTimestamp();
        var guard = guards.Of(email.Mailbox);
        var began = guard.Dependency.Begin();
        var attempts = new Attempts(processor, lease, Describe(delivery, email, partition), guard.Timeout, abandoned, time);
        var openings = guard.Circuit.Openings;
        Exception? error = null;
        // Most emails succeed at their first attempt, while the circuit is closed. All that the pipeline would do for them is to count the
        // success, and it would be a large part of the cost of a short delivery.
        if (guard.Circuit.State == CircuitState.Closed && await attempts.SucceedsAsync())
            await guard.CountSuccessAsync();
        // After a stop the pipeline would run nothing and report a cancellation. If the circuit has opened since the attempt began, the
        // pipeline could take its failure for a test of the dependency, which was not asked again.
        else if (attempts.Failure is { } failure && (lease.Stop.IsCancellationRequested || guard.Circuit.Openings != openings))
            error = failure;
        else
            error = await RunInPipelineAsync(attempts, guard, lease.Stop);
        var outcome = Decide(error, attempts, began, lease, guard);
        metrics.ProcessingTook(partition, time.GetElapsedTime(started), outcome.Name);
        return outcome;
    }

    private static async Task<Exception?> RunInPipelineAsync(Attempts attempts, ProcessorGuard guard, CancellationToken stop)
    {
        // Polly's strategies work with object results. A call without a result would be converted around each strategy.
        var context = ResilienceContextPool.Shared.Get(stop);
        var ended = await guard.Pipeline.ExecuteOutcomeAsync(static (_, attempts) => attempts.RunAsync(), context, attempts);
        ResilienceContextPool.Shared.Return(context);
        return ended.Exception;
    }

    private static EmailDelivery Describe(Delivery delivery, EmailMessage email, string partition) => new()
    {
        Email = email,
        DeliveryCount = delivery.DeliveryCount,
        Partition = partition,
        AppendedAt = delivery.Appended,
    };

    // The policy classifies every exception of the processor. When the circuit rejects a repeated attempt, the failure before it
    // counts.
    private Outcome Decide(Exception? end, Attempts attempts, long began, Lease lease, ProcessorGuard guard)
    {
        var error = end is BrokenCircuitException ? attempts.Failure ?? end : end;
        if (error is not (null or OperationCanceledException or BrokenCircuitException or NoRoomException))
            guard.Circuit.Failed(BoundedText.Line(error.Message));
        if (error is null)
            guard.Dependency.Worked();
        var judged = error is EmailFailureException own ? own.Error : error;
        var blame = judged == error ? BlameFor(error, attempts, began, lease.Delivery.EntryId, guard) : Blame.Email;
        var outcome = OutcomePolicy.AfterRun(judged, lease.Delivery, options.Value.MaxDeliveries, lease.IsAbandoned, blame);
        // While other processors work, the read loop continues, and a released email would come back at once.
        return guards.AreSeveral && outcome is Outcome.Retry { Counted: false, Why: OutcomePolicy.CircuitOpen }
            ? new Outcome.Rejected(guard.Circuit.RejectedWait()) { Error = outcome.Error }
            : outcome;
    }

    private static Blame BlameFor(Exception? error, Attempts attempts, long began, string entry, ProcessorGuard guard)
    {
        if (error is null || !OutcomePolicy.IsTransient(error))
            return Blame.Email;
        var isOwn = guard.Dependency.IsOwn(entry, began);
        if (guard.Circuit.IsOpen && OutcomePolicy.Postponed(error) is null && guard.Exemptions.Take(entry, guard.Circuit.Closings))
            return Blame.OpenCircuit;
        // A run that continues after its time keeps its email and perhaps a thread. Uncounted repeats would use up all threads.
        return isOwn || attempts.StillRuns ? Blame.Email : Blame.Dependency;
    }
}
