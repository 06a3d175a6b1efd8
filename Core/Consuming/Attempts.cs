using EmailIngestion.Messages;
using EmailIngestion.Processing;
using EmailIngestion.Streams;

namespace EmailIngestion.Consuming;

/// <summary>Runs the attempts of one delivery, one after the other.</summary>
internal sealed class Attempts(ProcessorRunner processor, Lease lease, EmailDelivery delivery, AbandonedRuns abandoned, TimeProvider time)
{
    // A processor that observes its cancellation token ends within this time.
    private static readonly TimeSpan CancellationTime = TimeSpan.FromMilliseconds(500);

    private readonly ParseWatch _watch = new();

    /// <summary>The failure of the last attempt; null if no attempt failed.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Whether an attempt was abandoned because its time was over, and is still running.</summary>
    public bool StillRuns { get; private set; }

    /// <summary>
    /// Runs the processor and waits for it until the token is cancelled. A processor that blocks or ignores its token does not keep the
    /// delivery waiting.
    /// </summary>
    public async ValueTask<Polly.Outcome<object?>> RunAsync(CancellationToken attempt)
    {
        var (started, waited) = (time.GetTimestamp(), lease.Room.Waited);
        try
        {
            attempt.ThrowIfCancellationRequested();
            // The processor's own token is cancelled after the attempt's, so that a result that has arrived by then still counts.
            var cancel = new CancellationTokenSource();
            delivery.Email.Watch = _watch;
            var work = Task.Run(() => processor.RunAsync(delivery, cancel.Token), CancellationToken.None);
            try
            {
                await work.WaitAsync(attempt);
            }
            catch (OperationCanceledException) when (attempt.IsCancellationRequested)
            {
                await EndAsync(work, cancel, started, waited);
            }

            cancel.Dispose();
            return Polly.Outcome.FromResult<object?>(null);
        }
        catch (Exception e)
        {
            Failure = e is PermanentFailureException || !_watch.Caused(e) ? e : new EmailFailureException(e);
            return Polly.Outcome.FromException<object?>(Failure);
        }
    }

    // Ends an attempt whose time is over or whose lease is lost.
    private async Task EndAsync(Task work, CancellationTokenSource cancel, long started, TimeSpan waited)
    {
        if (work.IsCompleted || (lease.MayBeOurs && await Grace.EndsAsync(work, time, CancellationToken.None)))
        {
            await work;
            return;
        }

        var parsing = _watch.IsParsing;
        var noRoom = lease.Room.IsWaiting || (lease.Room.Waited - waited) * 2 > time.GetElapsedTime(started);
        _ = cancel.CancelAsync();
        abandoned.Add(work);
        // A lost lease and a stop are not failures of the email.
        lease.Stop.ThrowIfCancellationRequested();
        if (noRoom)
            throw new NoRoomException();
        if (parsing)
            throw new EmailFailureException("The email was still being parsed when Processing:AttemptTimeout was over.");
        await ((Task)work).WaitAsync(CancellationTime, time, lease.Stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        StillRuns = !work.IsCompleted;
        throw new OperationCanceledException();
    }
}
