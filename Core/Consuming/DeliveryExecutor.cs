using System.Diagnostics;
using EmailIngestion.Messages;
using EmailIngestion.Processing;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Registry;

namespace EmailIngestion.Consuming;

/// <summary>One delivery: run, decide, settle.</summary>
internal sealed class DeliveryExecutor(
    IEmailProcessor processor,
    IOptions<ConsumerOptions> options,
    ResiliencePipelineProvider<string> pipelines,
    Circuit circuit,
    IngestionMetrics metrics,
    TimeProvider time,
    ILogger<DeliveryExecutor> logger)
{
    private readonly ResiliencePipeline _processing = pipelines.GetPipeline(ResiliencePipelines.Processing);
    private readonly Excuses _excuses = new();
    private readonly ResiliencePipeline _redis = pipelines.GetPipeline(ResiliencePipelines.Redis);

    /// <param name="lease">The delivery and the time it is ours.</param>
    /// <param name="processed">Its email is already processed: only acknowledge.</param>
    /// <param name="seat">Where it is settled.</param>
    public async Task ExecuteAsync(Lease lease, bool processed, Seat seat)
    {
        var delivery = lease.Delivery;
        using var activity = delivery.Message is { } message ? IngestionTracing.StartDelivery(message, delivery.Number) : null;
        var outcome = processed
            ? new Outcome.Completed()
            : OutcomePolicy.BeforeRun(delivery, options.Value.MaxDeliveries) ?? await RunAsync(lease);
        activity?.SetTag(TelemetryNames.Outcome, outcome.Name);
        if (outcome is not Outcome.Completed)
            activity?.SetStatus(ActivityStatusCode.Error);
        try
        {
            await SettleAsync(lease, outcome, processed, seat);
        }
        catch (Exception e)
        {
            // Redis did not take it within the pipeline's patience. The delivery stays pending and will be reclaimed: nothing is lost.
            Log.SettleFailed(logger, delivery.Entry, outcome.Name, e.Message);
        }
    }

    private async Task<Outcome> RunAsync(Lease lease)
    {
        var delivery = lease.Delivery;
        var message = delivery.Message!;
        metrics.QueueWaited(time.GetUtcNow() - delivery.Appended);
        var started = time.GetTimestamp();
        var run = new Run(processor, message);
        var context = ResilienceContextPool.Shared.Get(lease.Stop);
        // An object is what Polly's strategies work with: a call without result is turned into one and back around each of them.
        var ended = await _processing.ExecuteOutcomeAsync(static (attempt, run) => run.AttemptAsync(attempt.CancellationToken), context, run);
        ResilienceContextPool.Shared.Return(context);
        // Whatever the processor throws is the policy's to judge. A circuit that refused the repeat does not hide why there was one.
        var failure = run.Failure;
        var error = ended.Exception is BrokenCircuitException ? failure ?? ended.Exception : ended.Exception;

        var excused = failure is not null && circuit.IsOpen && _excuses.Take(delivery.Entry, circuit.Closings);
        var outcome = OutcomePolicy.AfterRun(error, delivery, options.Value.MaxDeliveries, lease.IsAbandoned, excused);
        metrics.ProcessingTook(time.GetElapsedTime(started), outcome.Name);
        return outcome;
    }

    private async Task SettleAsync(Lease lease, Outcome outcome, bool processed, Seat seat)
    {
        var delivery = lease.Delivery;
        // What is done is settled if Redis says that it is still ours. For the rest our own clock is enough: another may have it already.
        if (lease.IsLost && outcome is not Outcome.Completed)
        {
            Lost(delivery, seat);
            return;
        }

        switch (outcome)
        {
            case Outcome.Completed:
                if (await seat.Settler.SettleAsync(delivery) == SettleResult.Lost)
                    Lost(delivery, seat);
                else if (processed)
                    metrics.Duplicates(seat.Partition, "delivery", 1);
                else
                    Completed(delivery, seat);
                break;

            case Outcome.Dead(var failure):
                if (await _redis.ExecuteAsync(async token => await seat.DeadLetters.BuryAsync(delivery, seat.Group.Consumer, failure, token), CancellationToken.None))
                {
                    metrics.Buried(seat.Partition, failure.Reason);
                    Log.Buried(logger, delivery.Entry, delivery.Number, failure.Reason, failure.ErrorType);
                }
                else
                {
                    Lost(delivery, seat);
                }

                break;

            case Outcome.Retry(var counted, var why):
                metrics.Retried(seat.Partition, counted);
                Log.Retry(logger, delivery.Entry, delivery.Number, why);
                if (counted)
                    await _redis.ExecuteAsync(async token => await seat.Group.PostponeAsync(delivery, token), CancellationToken.None);
                else
                    // Once only: after a lost reply the entry may be ours again under the same number, and running. Unreleased, its lease
                    // runs out.
                    await seat.Group.ReleaseAsync([delivery], CancellationToken.None);

                break;
        }
    }

    private void Completed(Delivery delivery, Seat seat)
    {
        metrics.Processed(seat.Partition, 1);
        metrics.EndToEnd(time.GetUtcNow() - delivery.Message!.Date);
    }

    private void Lost(Delivery delivery, Seat seat)
    {
        metrics.LeasesLost(seat.Partition, 1);
        Log.LeaseLost(logger, delivery.Entry, delivery.Number);
    }

    private sealed class Run(IEmailProcessor processor, EmailMessage message)
    {
        /// <summary>What the last attempt failed with, if any did.</summary>
        public Exception? Failure { get; private set; }

        // On a thread of its own and not waited for past the token: a processor that blocks or ignores it must not hold the delivery.
        public async ValueTask<Polly.Outcome<object?>> AttemptAsync(CancellationToken cancellationToken)
        {
            try
            {
                await Task.Run(() => processor.ProcessAsync(message, cancellationToken), cancellationToken).WaitAsync(cancellationToken);
                return Polly.Outcome.FromResult<object?>(null);
            }
            catch (Exception e)
            {
                Failure = e;
                return Polly.Outcome.FromException<object?>(e);
            }
        }
    }
}

/// <summary>Where a partition's deliveries are settled.</summary>
internal sealed record Seat(string Partition, ConsumerGroup Group, Settler Settler, DeadLetterStream DeadLetters);
