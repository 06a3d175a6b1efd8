using EmailIngestion.Messages;
using EmailIngestion.Processing;
using EmailIngestion.Streams;
using Polly.Timeout;

namespace EmailIngestion.Consuming;

/// <summary>Runs the attempts of one delivery, one after the other.</summary>
/// <param name="processor">Runs the processors.</param>
/// <param name="lease">The lease of the delivery. Its end ends the attempt.</param>
/// <param name="delivery">The delivery for the processors.</param>
/// <param name="timeout"><c>Processing:AttemptTimeout</c>.</param>
/// <param name="abandoned">Gets attempts that are still running after their end.</param>
/// <param name="time">The clock.</param>
internal sealed class Attempts(
    ProcessorRunner processor, Lease lease, EmailDelivery delivery, TimeSpan timeout, AbandonedRuns abandoned, TimeProvider time)
{
    // A processor that observes its cancellation token ends within this time.
    private static readonly TimeSpan CancellationTime = TimeSpan.FromMilliseconds(500);

    // A timer may be this much ahead of the clock.
    private static readonly TimeSpan TimerAccuracy = TimeSpan.FromMilliseconds(20);

    private readonly ParseWatch _watch = new();

    // The pipeline has not got the failure yet.
    private bool _hasFailed;

    /// <summary>The failure of the last attempt; null if no attempt failed.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Whether an attempt was abandoned because its time was over, and is still running.</summary>
    public bool StillRuns { get; private set; }

    /// <summary>
    /// Runs the first attempt before the pipeline. The pipeline gets its failure from <see cref="RunAsync"/>, as if it had run it.
    /// </summary>
    /// <returns>Whether it succeeded.</returns>
    public async ValueTask<bool> SucceedsAsync()
    {
        var (started, waited) = (time.GetTimestamp(), lease.Room.Waited);
        try
        {
            lease.Stop.ThrowIfCancellationRequested();
            // The processor's own token is cancelled after the end of its time, so that a result that has arrived by then still counts.
            var cancel = new CancellationTokenSource();
            delivery.Email.Watch = _watch;
            var work = Task.Run(() => processor.RunAsync(delivery, cancel.Token), CancellationToken.None);
            // A processor that blocks or ignores its token does not keep the delivery waiting.
            await work.WaitAsync(timeout, time, lease.Stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!work.IsCompleted)
                await EndAsync(work, cancel, started, waited);
            await work;
            cancel.Dispose();
            return true;
        }
        catch (Exception e)
        {
            Failure = FailureOf(e, started);
            _hasFailed = true;
            return false;
        }
    }

    /// <summary>Runs one attempt for the pipeline.</summary>
    public async ValueTask<Polly.Outcome<object?>> RunAsync()
    {
        if (_hasFailed || !await SucceedsAsync())
        {
            _hasFailed = false;
            return Polly.Outcome.FromException<object?>(Failure!);
        }

        return Polly.Outcome.FromResult<object?>(null);
    }

    // Work that cancels itself when the attempt's time is over, by a timeout of its own, has timed out too.
    private Exception FailureOf(Exception error, long started) => error switch
    {
        PermanentFailureException => error,
        _ when _watch.Caused(error) => new EmailFailureException(error),
        OperationCanceledException when !lease.Stop.IsCancellationRequested && time.GetElapsedTime(started) >= timeout - TimerAccuracy =>
            new TimeoutRejectedException("The processor was cancelled when Processing:AttemptTimeout was over.", timeout, error),
        _ => error,
    };

    // Ends an attempt whose time is over or whose lease is lost.
    private async Task EndAsync(Task work, CancellationTokenSource cancel, long started, TimeSpan waited)
    {
        if (lease.MayBeOurs && await Grace.EndsAsync(work, time, CancellationToken.None))
            return;
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
        await work.WaitAsync(CancellationTime, time, lease.Stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lease.Stop.ThrowIfCancellationRequested();
        StillRuns = !work.IsCompleted;
        throw new TimeoutRejectedException("The processor was still running when Processing:AttemptTimeout was over.", timeout);
    }
}
