using System.Diagnostics;
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
    public async Task<bool> ExecuteAsync(Lease lease, bool processed, Seat seat)
    {
        var delivery = lease.Delivery;
        using var activity = delivery.Message is { } message ? IngestionTracing.StartDelivery(message, delivery.Number) : null;
        var outcome = processed
            ? new Outcome.Completed()
            : OutcomePolicy.BeforeRun(delivery, options.Value.MaxDeliveries) ?? await runner.RunAsync(lease, seat.Partition);
        activity?.SetTag(TelemetryNames.Outcome, outcome.Name);
        if (outcome is not Outcome.Completed)
            activity?.SetStatus(ActivityStatusCode.Error);
        try
        {
            return await SettleAsync(lease, outcome, processed, seat);
        }
        catch (Exception e)
        {
            // Redis did not take it within the pipeline's patience. The delivery stays pending and will be reclaimed: nothing is lost.
            Log.SettleFailed(logger, delivery.Entry, outcome.Name, e.Message);
            return false;
        }
    }

    private async Task<bool> SettleAsync(Lease lease, Outcome outcome, bool processed, Seat seat)
    {
        var delivery = lease.Delivery;
        // What is done is settled if Redis says that it is still ours. For the rest our own clock is enough: another may have it already.
        if (lease.IsLost && outcome is not Outcome.Completed)
            return Lost(delivery, seat);

        switch (outcome)
        {
            case Outcome.Completed:
                if (await seat.Settler.SettleAsync(delivery) == SettleResult.Lost)
                    return Lost(delivery, seat);
                if (processed)
                    metrics.Duplicates(seat.Partition, "delivery", 1);
                else
                    Completed(delivery, seat);
                return true;

            case Outcome.Dead(var failure):
                return await BuryAsync(delivery, failure, seat);

            case Outcome.Postponed(var wait, var last):
                return await PostponeAsync(delivery, wait, last, seat);

            case Outcome.Retry(var counted, var why):
                metrics.Retried(seat.Partition, counted);
                Log.Retry(logger, delivery.Entry, delivery.Number, why);
                if (counted)
                    await _redis.ExecuteAsync(async token => await seat.Group.PostponeAsync(delivery, token), CancellationToken.None);
                else
                    // Once only: after a lost reply the entry may be ours again under the same number, and running. Unreleased, its lease
                    // runs out.
                    await seat.Group.ReleaseAsync([delivery], CancellationToken.None);
                return true;

            default:
                throw new InvalidOperationException($"The outcome {outcome.Name} is not known.");
        }
    }

    private async Task<bool> BuryAsync(Delivery delivery, FailureRecord failure, Seat seat)
    {
        if (!await _redis.ExecuteAsync(async token => await seat.DeadLetters.BuryAsync(delivery, seat.Group.Consumer, failure, token), CancellationToken.None))
            return Lost(delivery, seat);
        metrics.Buried(seat.Partition, failure.Reason);
        Log.Buried(logger, delivery.Entry, delivery.Number, failure.Reason, failure.ErrorType);
        return true;
    }

    // Its slot is free at once. Not repeated after a lost reply, as a release is not.
    private async Task<bool> PostponeAsync(Delivery delivery, TimeSpan? asked, FailureRecord last, Seat seat)
    {
        var wait = asked ?? options.Value.Lease;
        if (wait > processing.Value.MaxRetryAfter)
            wait = processing.Value.MaxRetryAfter;
        switch (await seat.Group.PostponeAsync(delivery, wait, options.Value.MaxDeliveries, CancellationToken.None))
        {
            case PostponeResult.Lost:
                return Lost(delivery, seat);
            case PostponeResult.Exhausted:
                return await BuryAsync(delivery, last, seat);
            case var result:
                metrics.Retried(seat.Partition, counted: result == PostponeResult.Counted);
                Log.Postponed(logger, delivery.Entry, delivery.Number, wait, last.ErrorMessage);
                return true;
        }
    }

    private void Completed(Delivery delivery, Seat seat)
    {
        metrics.Processed(seat.Partition, 1);
        metrics.EndToEnd(time.GetUtcNow() - delivery.Message!.Date);
    }

    private bool Lost(Delivery delivery, Seat seat)
    {
        metrics.LeasesLost(seat.Partition, 1);
        Log.LeaseLost(logger, delivery.Entry, delivery.Number);
        return false;
    }
}

/// <summary>Where a partition's deliveries are settled.</summary>
internal sealed record Seat(string Partition, ConsumerGroup Group, Settler Settler, DeadLetterStream DeadLetters);
