using System.Collections.Concurrent;
using EmailIngestion.Bodies;
using EmailIngestion.Messages;
using EmailIngestion.Streams;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Consuming;

/// <summary>
/// Loads the message of a delivery whose entry only refers to it, before the run. The delivery's bytes are already in the budget.
/// </summary>
internal sealed class BodyLoader(
    StreamPartitions partitions, IOptions<ConsumerOptions> options, TimeProvider time, ILogger<BodyLoader> logger)
{
    // A network file system may show a new file late, so a body that is missing is asked for again.
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan UsualWait = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, bool> _away = new(StringComparer.Ordinal);

    /// <summary>Returns the email with its message, or the outcome of a delivery that cannot run.</summary>
    public Task<(EmailMessage? Message, Outcome? Outcome)> LoadAsync(Lease lease, string partition) =>
        LoadAsync(lease, partitions.Get(partition).GuardedBodies, partition);

    internal async Task<(EmailMessage? Message, Outcome? Outcome)> LoadAsync(Lease lease, GuardedBodies bodies, string partition)
    {
        var delivery = lease.Delivery;
        if (delivery.Body is not { } body)
            return (delivery.Message, null);
        try
        {
            var raw = await ReadAsync(bodies, body, lease.Stop);
            if (_away.TryRemove(partition, out _))
                Log.BodyStoreBack(logger, partition);
            return (delivery.Message! with { Raw = raw }, null);
        }
        catch (BodyStoreException e)
        {
            return (null, Judge(e, delivery, partition));
        }
        catch (OperationCanceledException) when (lease.Stop.IsCancellationRequested)
        {
            return (null, new Outcome.Retry(Counted: false, "stopping"));
        }
        catch (Exception e)
        {
            // Every exception is caught: a fault of a store's client, or no memory for the body, counts as a failed delivery. Otherwise it
            // would look like the death of the consumer.
            return (null, OutcomePolicy.AfterRun(e, delivery, options.Value.MaxDeliveries, stopping: false, Blame.Email));
        }
    }

    private async Task<byte[]> ReadAsync(GuardedBodies bodies, BodyReference body, CancellationToken stop)
    {
        try
        {
            return await bodies.ReadAsync(body, stop);
        }
        catch (BodyStoreException e) when (e.Failure == BodyFailure.Missing)
        {
            await Task.Delay(AskAgain, time, stop);
            return await bodies.ReadAsync(body, stop);
        }
    }

    // A store that is away is no failure of the email: it waits, uncounted. A body that is missing counts as a failed delivery, so that it
    // is asked for until the last one. A body that somebody has changed is never processed.
    private Outcome Judge(BodyStoreException error, Delivery delivery, string partition)
    {
        switch (error.Failure)
        {
            case BodyFailure.Unavailable:
                var wait = error.RetryAfter ?? UsualWait;
                if (_away.TryAdd(partition, true))
                    Log.BodyStoreAway(logger, partition, error.Message);
                return new Outcome.Rejected(
                    wait < ShortestWait ? ShortestWait : wait < options.Value.Lease ? wait : options.Value.Lease);
            case BodyFailure.Mismatch:
                return new Outcome.DeadLetter(FailureRecord.Of(
                    DeadLetterReasons.BodyMismatch, DeadLetterReasons.BodyMismatch, error.Message));
            default:
                return delivery.DeliveryCount < options.Value.MaxDeliveries
                    ? new Outcome.Retry(Counted: true, DeadLetterReasons.BodyMissing) { Error = error }
                    : new Outcome.DeadLetter(FailureRecord.Of(
                        DeadLetterReasons.BodyMissing, DeadLetterReasons.BodyMissing, error.Message));
        }
    }
}
