using EmailIngestion.Mailboxes.Imap;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Lets polls begin: first when their account may have one more connection, then when fewer than <c>Polling:Parallel</c> are under way. In
/// this order, so that those that wait for a connection hold up no other account.
/// </summary>
internal sealed class PollPlaces(PollingOptions options, TimeProvider time, ILogger logger) : IDisposable
{
    // A poll that takes longer gives up its place among Polling:Parallel, or as many hanging servers would hold up all other mailboxes.
    private static readonly TimeSpan HoldsPlace = TimeSpan.FromSeconds(20);

    // A wait that is worth a line in the log.
    private static readonly TimeSpan LongWait = TimeSpan.FromMinutes(1);

    private readonly ConnectionTurns _turns = new(options.ConnectionsPerServer, options.ConnectionsPerHost);
    private readonly SemaphoreSlim _parallel = new(options.Parallel, options.Parallel);

    /// <summary>Waits for both. Those that have a connection give it back within <c>Polling:Deadline</c>, so the wait ends.</summary>
    /// <exception cref="OperationCanceledException">The token said so before that.</exception>
    public async Task<IDisposable> EnterAsync(MailboxOptions mailbox, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var turn = await _turns.TakeAsync(ServerAccount.Of(mailbox), cancellationToken);
        try
        {
            if (time.GetElapsedTime(began) is var waited && waited > LongWait)
                Log.WaitedForConnection(logger, mailbox.Name, (long)waited.TotalSeconds, mailbox.Host, options.ConnectionsPerServer);
            await _parallel.WaitAsync(cancellationToken);
        }
        catch
        {
            turn.Dispose();
            throw;
        }

        return new Place(turn, _parallel, time);
    }

    public void Dispose() => _parallel.Dispose();

    private sealed class Place : IDisposable
    {
        private readonly IDisposable _turn;
        private readonly SemaphoreSlim _parallel;
        private readonly ITimer _timer;
        private bool _isHeld = true;

        public Place(IDisposable turn, SemaphoreSlim parallel, TimeProvider time)
        {
            (_turn, _parallel) = (turn, parallel);
            _timer = time.CreateTimer(_ => Leave(), null, HoldsPlace, Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            _timer.Dispose();
            Leave();
            _turn.Dispose();
        }

        private void Leave()
        {
            if (Interlocked.Exchange(ref _isHeld, false))
                _parallel.Release();
        }
    }
}
