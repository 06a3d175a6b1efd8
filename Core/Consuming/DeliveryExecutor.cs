using System.Diagnostics;
using EmailIngestion.Messages;
using EmailIngestion.Processing;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Consuming;

/// <summary>Executes one delivery: runs the processor, decides the outcome, has it written, and reports what was written.</summary>
internal sealed class DeliveryExecutor(
    DeliveryRunner runner,
    BodyLoader bodies,
    IOptions<ConsumerOptions> options,
    IOptions<ProcessingOptions> processing,
    IngestionMetrics metrics,
    TimeProvider time,
    ILogger<DeliveryExecutor> logger)
{
    /// <inheritdoc cref="DeliveryRunner.Allowance"/>
    public ReadAllowance Allowance() => runner.Allowance();

    /// <summary>Executes a delivery.</summary>
    /// <param name="lease">The delivery and its lease.</param>
    /// <param name="processed">Whether the email was processed before: then its entry is only acknowledged.</param>
    /// <param name="settler">Writes the outcomes of the delivery's partition.</param>
    /// <returns>Whether the outcome was written: false when the lease was lost, or when Redis did not accept the outcome.</returns>
    public async Task<bool> ExecuteAsync(Lease lease, bool processed, Settler settler)
    {
        var delivery = lease.Delivery;
        using var activity = delivery.Message is { } message
            ? IngestionTracing.StartDelivery(message.Id, message.Mailbox, message.TraceParent, delivery.DeliveryCount)
            : null;
        var outcome = processed
            ? new Outcome.Completed()
            : OutcomePolicy.BeforeRun(delivery, options.Value.MaxDeliveries) ?? Bounded(await RunAsync(lease, settler.Partition));
        Record(activity, outcome);
        try
        {
            return Report(await settler.SettleAsync(lease, outcome), delivery, outcome, processed, settler.Partition);
        }
        catch (Exception e) when (RedisErrors.IsRedis(e) || e is OperationCanceledException)
        {
            // Redis did not accept the outcome within the timeout of the pipeline. The entry stays pending and is reclaimed: nothing is
            // lost.
            Log.SettleFailed(logger, outcome.Name, delivery.EntryId, delivery.DeliveryCount, BriefError.Of(e), Cleaned(outcome));
            return false;
        }
        catch (Exception e)
        {
            // A fault of this program. It must not end the deliveries that run at the same time.
            Redis.Log.Unexpected(logger, e);
            Log.SettleFailed(logger, outcome.Name, delivery.EntryId, delivery.DeliveryCount, e.GetType().Name, Cleaned(outcome));
            return false;
        }
    }

    // Small mail has its message already, and takes no further step.
    private Task<Outcome> RunAsync(Lease lease, string partition) =>
        lease.Delivery.Body is null ? runner.RunAsync(lease, lease.Delivery.Message!, partition) : LoadAndRunAsync(lease, partition);

    private async Task<Outcome> LoadAndRunAsync(Lease lease, string partition)
    {
        using var loaded = await bodies.LoadAsync(lease, partition);
        return loaded.Outcome ?? await runner.RunAsync(lease, loaded.Message!, partition);
    }

    private static void Record(Activity? activity, Outcome outcome)
    {
        if (activity is null)
            return;
        activity.SetTag(TelemetryNames.Outcome, outcome.Name);
        if (outcome is not Outcome.Completed)
            activity.SetStatus(ActivityStatusCode.Error);
        if (outcome.Error is { } error)
            IngestionTracing.Fail(activity, error.GetType().FullName!, BoundedText.Line(error.Message), ErrorTrace.Of(error));
    }

    // A wait is bounded by Processing:MaxRetryAfter, whatever the dependency asks for.
    private Outcome Bounded(Outcome outcome)
    {
        if (outcome is not Outcome.Postponed postponed)
            return outcome;
        var wait = postponed.Wait ?? options.Value.Lease;
        return postponed with { Wait = wait < processing.Value.MaxRetryAfter ? wait : processing.Value.MaxRetryAfter };
    }

    // Counts and logs what was written. It returns whether anything was.
    private bool Report(Settlement settlement, Delivery delivery, Outcome outcome, bool processed, string partition)
    {
        switch (settlement)
        {
            case Settlement.Lost:
                metrics.LeasesLost(partition, 1);
                // The loss of the lease cancels the run, so a cancellation is not logged as an error.
                var error = outcome.Error is OperationCanceledException ? null : Cleaned(outcome);
                Log.LeaseLost(logger, delivery.EntryId, delivery.DeliveryCount, error);
                return false;
            case Settlement.Completed or Settlement.CompletedBefore when processed:
                metrics.Duplicates(partition, "delivery", 1);
                return true;
            case Settlement.Completed or Settlement.CompletedBefore:
                metrics.Processed(partition, 1);
                metrics.EndToEnd(time.GetUtcNow() - delivery.Message!.Date);
                return true;
            case Settlement.DeadLettered:
                DeadLettered(delivery, outcome, partition);
                return true;
            default:
                metrics.Retried(partition, counted: settlement is Settlement.Retried or Settlement.PostponedCounted);
                LogRetry(delivery, outcome);
                return true;
        }
    }

    private void DeadLettered(Delivery delivery, Outcome outcome, string partition)
    {
        var failure = outcome switch
        {
            Outcome.DeadLetter(var permanent) => permanent,
            Outcome.Postponed(_, var last) => last,
            _ => throw new InvalidOperationException($"Outcome {outcome.Name} makes no dead letter."),
        };
        metrics.DeadLettered(partition, failure.Reason);
        Log.DeadLettered(
            logger,
            delivery.EntryId,
            delivery.DeliveryCount,
            failure.Reason,
            failure.ErrorType,
            BoundedText.Line(failure.ErrorMessage),
            Cleaned(outcome));
    }

    private void LogRetry(Delivery delivery, Outcome outcome)
    {
        if (outcome is Outcome.Postponed(var wait, var last))
        {
            var message = BoundedText.Line(last.ErrorMessage);
            Log.Postponed(logger, delivery.EntryId, delivery.DeliveryCount, wait!.Value, last.ErrorType, message, Cleaned(outcome));
        }
        else if (outcome is Outcome.Rejected(var untilTest))
        {
            Log.Rejected(logger, delivery.EntryId, delivery.DeliveryCount, untilTest);
        }
        else if (outcome.Error is { } error)
        {
            var message = BoundedText.Line(error.Message);
            Log.Failed(logger, delivery.DeliveryCount, delivery.EntryId, error.GetType().Name, message, CleanedException.Of(error));
        }
        else if (outcome is Outcome.Retry(_, var why))
        {
            Log.Released(logger, delivery.EntryId, delivery.DeliveryCount, why);
        }
    }

    private static Exception? Cleaned(Outcome outcome) => outcome.Error is { } error ? CleanedException.Of(error) : null;
}
