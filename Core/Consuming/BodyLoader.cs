using System.Collections.Concurrent;
using EmailIngestion.Bodies;
using EmailIngestion.Streams;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Consuming;

/// <summary>
/// Loads the message of a delivery whose entry only refers to it, before the run: a large one into a local file. It is verified then. The
/// delivery's bytes are already in the budget.
/// </summary>
internal sealed class BodyLoader(
    StreamPartitions partitions, BodySpool spool, IOptions<ConsumerOptions> options, TimeProvider time, ILogger<BodyLoader> logger)
{
    // A network file system may show a new file late, so a body that is missing is asked for again.
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan UsualWait = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, bool> _away = new(StringComparer.Ordinal);
    private bool _spoolFails;

    /// <summary>Returns the email with its message, or the outcome of a delivery that cannot run.</summary>
    public Task<LoadedEmail> LoadAsync(Lease lease, string partition) =>
        LoadAsync(lease, partitions.Get(partition).GuardedBodies, partition);

    internal async Task<LoadedEmail> LoadAsync(Lease lease, GuardedBodies bodies, string partition)
    {
        var delivery = lease.Delivery;
        if (delivery.Body is not { } body)
            return new LoadedEmail(delivery.Message, null);
        try
        {
            var loaded = body.IsStreamed ? await SpoolAsync(lease, bodies, body) : await ReadAsync(lease, bodies, body);
            if (_away.TryRemove(partition, out _))
                Log.BodyStoreBack(logger, partition);
            return loaded;
        }
        catch (BodyStoreException e)
        {
            return new LoadedEmail(null, Judge(e, delivery, partition));
        }
        catch (SpoolException e)
        {
            // This process cannot run the email now. Another one may.
            if (!Interlocked.Exchange(ref _spoolFails, true))
                Log.SpoolFails(logger, e.Message);
            return new LoadedEmail(null, new Outcome.Rejected(Bounded(UsualWait)));
        }
        catch (OperationCanceledException) when (lease.Stop.IsCancellationRequested)
        {
            return new LoadedEmail(null, new Outcome.Retry(Counted: false, "stopping"));
        }
        catch (Exception e)
        {
            // Every exception is caught: a fault of a store's client, or no memory for the body, counts as a failed delivery. Otherwise it
            // would look like the death of the consumer.
            var outcome = OutcomePolicy.AfterRun(e, delivery, options.Value.MaxDeliveries, stopping: false, Blame.Email);
            return new LoadedEmail(null, outcome);
        }
    }

    private async Task<LoadedEmail> ReadAsync(Lease lease, GuardedBodies bodies, BodyReference body)
    {
        var raw = await AskAsync(() => bodies.ReadAsync(body, lease.Stop), lease.Stop);
        return new LoadedEmail(lease.Delivery.Message! with { Raw = raw }, null);
    }

    private async Task<LoadedEmail> SpoolAsync(Lease lease, GuardedBodies bodies, BodyReference body)
    {
        // The other large emails keep their files for as long as their processors run. This one leaves its slot to small mail meanwhile.
        if (await AskAsync(() => bodies.SpoolAsync(body, spool, lease.Stop), lease.Stop) is not { } spooled)
            return new LoadedEmail(null, new Outcome.Rejected(Bounded(OutcomePolicy.RoomWait)));
        if (Interlocked.Exchange(ref _spoolFails, false))
            Log.SpoolWorks(logger);
        return new LoadedEmail(lease.Delivery.Message! with { Content = spooled.Open(lease.Charge) }, null) { Spooled = spooled };
    }

    private async Task<T> AskAsync<T>(Func<Task<T>> read, CancellationToken stop)
    {
        try
        {
            return await read();
        }
        catch (BodyStoreException e) when (e.Failure == BodyFailure.Missing)
        {
            await Task.Delay(AskAgain, time, stop);
            return await read();
        }
    }

    private TimeSpan Bounded(TimeSpan wait) =>
        wait < ShortestWait ? ShortestWait : wait < options.Value.Lease ? wait : options.Value.Lease;

    // A store that is away is no failure of the email: it waits, uncounted. A body that is missing counts as a failed delivery, so that it
    // is asked for until the last one. A body that somebody has changed is never processed.
    private Outcome Judge(BodyStoreException error, Delivery delivery, string partition)
    {
        switch (error.Failure)
        {
            case BodyFailure.Unavailable:
                if (_away.TryAdd(partition, true))
                    Log.BodyStoreAway(logger, partition, error.Message);
                return new Outcome.Rejected(Bounded(error.RetryAfter ?? UsualWait));
            case BodyFailure.Mismatch:
                return new Outcome.DeadLetter(FailureRecord.Of(
                    DeadLetterReasons.BodyMismatch, error.Message));
            default:
                return delivery.DeliveryCount < options.Value.MaxDeliveries
                    ? new Outcome.Retry(Counted: true, DeadLetterReasons.BodyMissing) { Error = error }
                    : new Outcome.DeadLetter(FailureRecord.Of(
                        DeadLetterReasons.BodyMissing, error.Message));
        }
    }
}
