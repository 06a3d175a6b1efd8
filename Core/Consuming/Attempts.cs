using EmailIngestion.Messages;
using EmailIngestion.Processing;
using EmailIngestion.Streams;

namespace EmailIngestion.Consuming;

/// <summary>The attempts of one delivery, one after the other.</summary>
internal sealed class Attempts(ProcessorRunner processor, Lease lease, EmailDelivery delivery, AbandonedRuns abandoned, TimeProvider time)
{
    // A processor that heeds its token ends within it.
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(500);

    private readonly ParseWatch _watch = new();

    /// <summary>What the last attempt failed with, if any did.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Whether an attempt was given up because its time was over, and went on all the same.</summary>
    public bool GoesOn { get; private set; }

    /// <summary>Runs the processor and waits for it until the token is cancelled: one that blocks or ignores it must not hold the delivery.</summary>
    public async ValueTask<Polly.Outcome<object?>> RunAsync(CancellationToken attempt)
    {
        try
        {
            attempt.ThrowIfCancellationRequested();
            // Its own token, which is cancelled after the attempt's: what has arrived by then still counts.
            var cancel = new CancellationTokenSource();
            delivery.Email.Watch = _watch;
            var work = Task.Run(() => processor.RunAsync(delivery, cancel.Token), CancellationToken.None);
            try
            {
                await work.WaitAsync(attempt);
            }
            catch (OperationCanceledException) when (attempt.IsCancellationRequested)
            {
                await EndAsync(work, cancel);
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

    // The time is over, or the lease lost.
    private async Task EndAsync(Task work, CancellationTokenSource cancel)
    {
        if (work.IsCompleted || (lease.MayBeOurs && await Grace.EndsAsync(work, time, CancellationToken.None)))
        {
            await work;
            return;
        }

        var parsing = _watch.IsParsing;
        _ = cancel.CancelAsync();
        abandoned.Add(work);
        // A lost lease or a stop is no failure of the email.
        lease.Stop.ThrowIfCancellationRequested();
        if (parsing)
            throw new EmailFailureException("The email was still being parsed when Processing:AttemptTimeout was over.");
        await ((Task)work).WaitAsync(Moment, time, lease.Stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        GoesOn = !work.IsCompleted;
        throw new OperationCanceledException();
    }
}
