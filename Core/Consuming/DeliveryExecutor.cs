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

/// <summary>One delivery: run, decide, settle.</summary>
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

    /// <summary>Whether more may be read: false while too many runs that were given up go on.</summary>
    public bool MayRead() => runner.MayRead();

    /// <param name="lease">The delivery and the time it is ours.</param>
    /// <param name="processed">Its email is already processed: only acknowledge.</param>
    /// <param name="seat">Where it is settled.</param>
    /// <returns>Whether the outcome was written: false when the delivery was lost, or Redis did not take it.</returns>
    public async Task<bool> ExecuteAsync(Lease lease, bool processed, PartitionContext seat)
    {
        var delivery = lease.Delivery;
        using var activity = delivery.Message is { } message ? IngestionTracing.StartDelivery(message.Id, message.Mailbox, message.TraceParent, delivery.DeliveryCount) : null;
        var outcome = processed
            ? new Outcome.Completed()
            : OutcomePolicy.BeforeRun(delivery, options.Value.MaxDeliveries) ?? await runner.RunAsync(lease, seat.Partition);
        Record(activity, outcome);
        try
        {
            return await SettleAsync(lease, outcome, processed, seat);
        }
        catch (Exception e) when (RedisErrors.IsRedis(e) || e is OperationCanceledException)
        {
            // Redis did not take it within the pipeline's patience. The delivery stays pending and will be reclaimed: nothing is lost.
            Log.SettleFailed(logger, outcome.Name, delivery.EntryId, delivery.DeliveryCount, BriefError.Of(e), Cleaned(outcome));
            return false;
        }
        catch (Exception e)
        {
            // A fault of ours: it must not end what runs beside it.
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

    private async Task<bool> SettleAsync(Lease lease, Outcome outcome, bool processed, PartitionContext seat)
    {
        var delivery = lease.Delivery;
        // What is done is settled if Redis says that it is still ours. For the rest our own clock is enough: another may have it already.
        if (lease.IsLost && outcome is not Outcome.Completed)
            return Lost(delivery, seat, outcome);

        switch (outcome)
        {
            case Outcome.Completed:
                if (await seat.Settler.SettleAsync(delivery) == SettleResult.Lost)
                    return Lost(delivery, seat, outcome);
                if (processed)
                    metrics.Duplicates(seat.Partition, "delivery", 1);
                else
                    Completed(delivery, seat);
                return true;

            case Outcome.DeadLetter(var failure):
                return await MoveAsync(delivery, failure, outcome, seat);

            case Outcome.Postponed(var wait, var last):
                return await PostponeAsync(delivery, wait, last, outcome, seat);

            case Outcome.Retry(var counted, var why):
                metrics.Retried(seat.Partition, counted);
                if (counted)
                    await _redis.ExecuteAsync(async token => await seat.Group.PostponeAsync(delivery, token), CancellationToken.None);
                else
                    // Once only: after a lost reply the entry may be ours again under the same number, and running. Unreleased, its lease
                    // runs out.
                    await seat.Group.ReleaseAsync([delivery], CancellationToken.None);
                if (outcome.Error is { } error)
                    Log.Failed(
                        logger, delivery.DeliveryCount, delivery.EntryId, error.GetType().Name, BoundedText.Line(error.Message), Cleaned(outcome)!);
                else
                    Log.Released(logger, delivery.EntryId, delivery.DeliveryCount, why);
                return true;

            default:
                throw new InvalidOperationException($"The outcome {outcome.Name} is not known.");
        }
    }

    private async Task<bool> MoveAsync(Delivery delivery, FailureRecord failure, Outcome outcome, PartitionContext seat)
    {
        if (!await _redis.ExecuteAsync(async token => await seat.DeadLetters.MoveAsync(delivery, seat.Group.Consumer, failure, token), CancellationToken.None))
            return Lost(delivery, seat, outcome);
        metrics.DeadLettered(seat.Partition, failure.Reason);
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

    // Its slot is free at once. Not repeated after a lost reply, as a release is not.
    private async Task<bool> PostponeAsync(Delivery delivery, TimeSpan? asked, FailureRecord last, Outcome outcome, PartitionContext seat)
    {
        var wait = asked ?? options.Value.Lease;
        if (wait > processing.Value.MaxRetryAfter)
            wait = processing.Value.MaxRetryAfter;
        switch (await seat.Group.PostponeAsync(delivery, wait, options.Value.MaxDeliveries, CancellationToken.None))
        {
            case PostponeResult.Lost:
                return Lost(delivery, seat, outcome);
            case PostponeResult.Exhausted:
                return await MoveAsync(delivery, last, outcome, seat);
            case var result:
                metrics.Retried(seat.Partition, counted: result == PostponeResult.Counted);
                Log.Postponed(
                    logger, delivery.EntryId, delivery.DeliveryCount, wait, last.ErrorType, BoundedText.Line(last.ErrorMessage), Cleaned(outcome));
                return true;
        }
    }

    private void Completed(Delivery delivery, PartitionContext seat)
    {
        metrics.Processed(seat.Partition, 1);
        metrics.EndToEnd(time.GetUtcNow() - delivery.Message!.Date);
    }

    private bool Lost(Delivery delivery, PartitionContext seat, Outcome outcome)
    {
        metrics.LeasesLost(seat.Partition, 1);
        // A cancellation is what the lost lease itself does to a run.
        Log.LeaseLost(logger, delivery.EntryId, delivery.DeliveryCount, outcome.Error is OperationCanceledException ? null : Cleaned(outcome));
        return false;
    }

    private static Exception? Cleaned(Outcome outcome) => outcome.Error is { } error ? CleanedException.Of(error) : null;
}

/// <summary>Where a partition's deliveries are settled.</summary>
internal sealed record PartitionContext(string Partition, ConsumerGroup Group, Settler Settler, DeadLetterStream DeadLetters);
