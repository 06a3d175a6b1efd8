using System.Diagnostics;
using EmailIngestion.Messages;
using EmailIngestion.Processing;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Registry;

namespace EmailIngestion.Consuming;

/// <summary>Executes one delivery: runs the processor, decides the outcome, settles the entry.</summary>
internal sealed class DeliveryExecutor(
    DeliveryRunner runner,
    IOptions<ConsumerOptions> options,
    IOptions<ProcessingOptions> processing,
    ResiliencePipelineProvider<string> pipelines,
    IngestionMetrics metrics,
    TimeProvider time,
    ILogger<DeliveryExecutor> logger)
{
    private readonly ResiliencePipeline _redis = pipelines.GetPipeline(RedisPipeline.Name);

    /// <summary>Whether the consumer may read more entries: false while too many abandoned runs are still running.</summary>
    public bool MayRead() => runner.MayRead();

    /// <summary>Executes a delivery.</summary>
    /// <param name="lease">The delivery and its lease.</param>
    /// <param name="processed">Whether the email was processed before: then its entry is only acknowledged.</param>
    /// <param name="context">The partition of the delivery.</param>
    /// <returns>Whether the outcome was written: false when the lease was lost, or when Redis did not accept the outcome.</returns>
    public async Task<bool> ExecuteAsync(Lease lease, bool processed, PartitionContext context)
    {
        var delivery = lease.Delivery;
        using var activity = delivery.Message is { } message
            ? IngestionTracing.StartDelivery(message.Id, message.Mailbox, message.TraceParent, delivery.DeliveryCount)
            : null;
        var outcome = processed
            ? new Outcome.Completed()
            : OutcomePolicy.BeforeRun(delivery, options.Value.MaxDeliveries) ?? await runner.RunAsync(lease, context.Partition);
        Record(activity, outcome);
        try
        {
            return await SettleAsync(lease, outcome, processed, context);
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

    private async Task<bool> SettleAsync(Lease lease, Outcome outcome, bool processed, PartitionContext context)
    {
        var delivery = lease.Delivery;
        // A completed delivery is settled if Redis confirms the lease. For other outcomes the local clock is enough: another consumer may
        // already have reclaimed the entry.
        if (lease.IsLost && outcome is not Outcome.Completed)
            return Lost(delivery, context, outcome);

        switch (outcome)
        {
            case Outcome.Completed:
                if (await context.Settler.SettleAsync(delivery) == SettleResult.Lost)
                    return Lost(delivery, context, outcome);
                if (processed)
                    metrics.Duplicates(context.Partition, "delivery", 1);
                else
                    Completed(delivery, context);
                return true;

            case Outcome.DeadLetter(var failure):
                return await MoveAsync(delivery, failure, outcome, context);

            case Outcome.Postponed(var wait, var last):
                return await PostponeAsync(delivery, wait, last, outcome, context);

            case Outcome.Retry(var counted, var why):
                metrics.Retried(context.Partition, counted);
                if (counted)
                    await _redis.ExecuteAsync(async token => await context.Group.PostponeAsync(delivery, token), CancellationToken.None);
                else
                    // A release is not repeated. After a lost reply this consumer may have the entry again with the same delivery count,
                    // and be running it. An entry that was not released is reclaimed when its lease expires.
                    await context.Group.ReleaseAsync([delivery], CancellationToken.None);
                if (outcome.Error is { } error)
                {
                    Log.Failed(
                        logger,
                        delivery.DeliveryCount,
                        delivery.EntryId,
                        error.GetType().Name,
                        BoundedText.Line(error.Message),
                        Cleaned(outcome)!);
                }
                else
                {
                    Log.Released(logger, delivery.EntryId, delivery.DeliveryCount, why);
                }

                return true;

            default:
                throw new InvalidOperationException($"Outcome {outcome.Name} is unknown.");
        }
    }

    private async Task<bool> MoveAsync(Delivery delivery, FailureRecord failure, Outcome outcome, PartitionContext context)
    {
        var moved = await _redis.ExecuteAsync(
            async token => await context.DeadLetters.MoveAsync(delivery, context.Group.Consumer, failure, token), CancellationToken.None);
        if (!moved)
            return Lost(delivery, context, outcome);
        metrics.DeadLettered(context.Partition, failure.Reason);
        Log.DeadLettered(
            logger,
            delivery.EntryId,
            delivery.DeliveryCount,
            failure.Reason,
            failure.ErrorType,
            BoundedText.Line(failure.ErrorMessage),
            Cleaned(outcome));
        return true;
    }

    // Frees the slot at once. Like a release, it is not repeated after a lost reply.
    private async Task<bool> PostponeAsync(
        Delivery delivery, TimeSpan? retryAfter, FailureRecord last, Outcome outcome, PartitionContext context)
    {
        var wait = retryAfter ?? options.Value.Lease;
        if (wait > processing.Value.MaxRetryAfter)
            wait = processing.Value.MaxRetryAfter;
        switch (await context.Group.PostponeAsync(delivery, wait, options.Value.MaxDeliveries, CancellationToken.None))
        {
            case PostponeResult.Lost:
                return Lost(delivery, context, outcome);
            case PostponeResult.Exhausted:
                return await MoveAsync(delivery, last, outcome, context);
            case var result:
                metrics.Retried(context.Partition, counted: result == PostponeResult.Counted);
                Log.Postponed(
                    logger,
                    delivery.EntryId,
                    delivery.DeliveryCount,
                    wait,
                    last.ErrorType,
                    BoundedText.Line(last.ErrorMessage),
                    Cleaned(outcome));
                return true;
        }
    }

    private void Completed(Delivery delivery, PartitionContext context)
    {
        metrics.Processed(context.Partition, 1);
        metrics.EndToEnd(time.GetUtcNow() - delivery.Message!.Date);
    }

    private bool Lost(Delivery delivery, PartitionContext context, Outcome outcome)
    {
        metrics.LeasesLost(context.Partition, 1);
        // The loss of the lease cancels the run, so a cancellation is not logged as an error.
        var error = outcome.Error is OperationCanceledException ? null : Cleaned(outcome);
        Log.LeaseLost(logger, delivery.EntryId, delivery.DeliveryCount, error);
        return false;
    }

    private static Exception? Cleaned(Outcome outcome) => outcome.Error is { } error ? CleanedException.Of(error) : null;
}
