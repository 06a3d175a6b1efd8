using EmailIngestion.Mailboxes.Imap;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Limits the polls that run at a time. A poll waits first for a connection of its account, then for a place among <c>Polling:Parallel</c>.
/// In this order, polls that wait for a connection do not block other accounts.
/// </summary>
internal sealed class PollPlaces(IOptions<PollingOptions> options, TimeProvider time, ILogger<PollService> logger) : IDisposable
{
    /// <summary>The time for which a watch has a connection while another one waits for it.</summary>
    public static readonly TimeSpan Turn = TimeSpan.FromSeconds(30);

    // The same where the next watch has to log in.
    private static readonly TimeSpan TurnWithLogin = TimeSpan.FromMinutes(10);

    // A poll that takes longer releases its place among Polling:Parallel. Otherwise a few hanging servers would block all other mailboxes.
    private static readonly TimeSpan PlaceTimeout = TimeSpan.FromSeconds(20);

    // A longer wait is logged.
    private static readonly TimeSpan LongWait = TimeSpan.FromMinutes(1);

    private readonly ConnectionTurns _turns = new(options.Value.ConnectionsPerServer, options.Value.ConnectionsPerHost);
    private readonly SemaphoreSlim _parallel = new(options.Value.Parallel, options.Value.Parallel);

    /// <summary>Raised when a poll of this account has to wait for a connection.</summary>
    public event Action<ServerAccount>? Wanted
    {
        add => _turns.Wanted += value;
        remove => _turns.Wanted -= value;
    }

    /// <summary>Whether a poll waits for a connection that a watch of this mailbox may have.</summary>
    public bool IsWanted(MailboxOptions mailbox) => _turns.IsWanted(ServerAccount.Of(mailbox));

    /// <summary>Whether the watch of this mailbox, which has had its connection for so long, leaves it to one that waits.</summary>
    public bool IsTurnOver(MailboxOptions mailbox, TimeSpan watched)
    {
        var account = ServerAccount.Of(mailbox);
        return _turns.NextToWatch(account) is { } next
            && watched >= (next == account && options.Value.KeepConnection > TimeSpan.Zero ? Turn : TurnWithLogin);
    }

    /// <summary>Whether a poll waits for a connection that a backfill of this mailbox may have.</summary>
    public bool IsWantedByPoll(MailboxOptions mailbox) => _turns.IsWantedByPoll(ServerAccount.Of(mailbox));

    /// <summary>Waits for a connection that no poll needs, and that a watch may have.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public Task<IDisposable> AcquireToFillAsync(MailboxOptions mailbox, CancellationToken cancellationToken) =>
        _turns.AcquireToFillAsync(ServerAccount.Of(mailbox), cancellationToken);

    /// <summary>Waits for a connection that no poll and no backfill needs.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public Task<IDisposable> AcquireToWatchAsync(MailboxOptions mailbox, CancellationToken cancellationToken) =>
        _turns.AcquireToWatchAsync(ServerAccount.Of(mailbox), cancellationToken);

    /// <summary>
    /// Waits for a connection and a place; disposing the result releases both. The wait ends, since a poll releases its connection within
    /// <c>Polling:Deadline</c>.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public async Task<IDisposable> AcquireAsync(MailboxOptions mailbox, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var turn = await _turns.AcquireAsync(ServerAccount.Of(mailbox), cancellationToken);
        try
        {
            if (time.GetElapsedTime(began) is var waited && waited > LongWait)
            {
                Log.WaitedForConnection(
                    logger, mailbox.Name, (long)waited.TotalSeconds, mailbox.Host, options.Value.ConnectionsPerServer);
            }

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
        private bool _isAcquired = true;

        public Place(IDisposable turn, SemaphoreSlim parallel, TimeProvider time)
        {
            (_turn, _parallel) = (turn, parallel);
            _timer = time.CreateTimer(_ => Release(), null, PlaceTimeout, Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            _timer.Dispose();
            Release();
            _turn.Dispose();
        }

        private void Release()
        {
            if (Interlocked.Exchange(ref _isAcquired, false))
                _parallel.Release();
        }
    }
}
