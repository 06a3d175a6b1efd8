namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// Limits the open connections of this process to mail servers, for each account of a host and for each host. Polls beyond a limit wait in
/// the order of their requests. Backfills get what polls leave. Watched mailboxes get what both leave, and are asked to give way.
/// </summary>
/// <param name="perAccount">The limit for one account of one host.</param>
/// <param name="perHost">The limit for all accounts of one host; 0: no limit.</param>
internal sealed class ConnectionTurns(int perAccount, int perHost)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiting = [];
    private readonly LinkedList<Waiter> _filling = [];
    private readonly LinkedList<Waiter> _watching = [];
    private readonly Dictionary<ServerAccount, int> _ofAccount = [];
    private readonly Dictionary<string, int> _ofHost = new(StringComparer.Ordinal);

    /// <summary>Raised when a poll or a backfill of this account has to wait.</summary>
    public event Action<ServerAccount>? Wanted;

    /// <summary>The number of waiting polls.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>Whether a poll or a backfill waits that a connection of this account keeps waiting.</summary>
    public bool IsWanted(ServerAccount account)
    {
        lock (_gate)
            return IsWanted(_waiting, account) || IsWanted(_filling, account);
    }

    /// <summary>Whether a poll waits that a connection of this account keeps waiting.</summary>
    public bool IsWantedByPoll(ServerAccount account)
    {
        lock (_gate)
            return IsWanted(_waiting, account);
    }

    /// <summary>The account of the watch that gets a connection that this account releases; null if no watch waits for one.</summary>
    public ServerAccount? NextToWatch(ServerAccount account)
    {
        lock (_gate)
            return _watching.FirstOrDefault(waiter => WaitsFor(account, waiter))?.Account;
    }

    /// <summary>Waits until the account may have one more connection. Disposing the result releases it for the next poll.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public Task<IDisposable> AcquireAsync(ServerAccount account, CancellationToken cancellationToken) =>
        AcquireAsync(_waiting, account, cancellationToken);

    /// <summary>Does the same for a backfill: only while no poll waits for the place.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public Task<IDisposable> AcquireToFillAsync(ServerAccount account, CancellationToken cancellationToken) =>
        AcquireAsync(_filling, account, cancellationToken);

    /// <summary>Does the same for a watched mailbox: only while no poll and no backfill waits for the place.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public Task<IDisposable> AcquireToWatchAsync(ServerAccount account, CancellationToken cancellationToken) =>
        AcquireAsync(_watching, account, cancellationToken);

    private async Task<IDisposable> AcquireAsync(LinkedList<Waiter> queue, ServerAccount account, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(account);
        lock (_gate)
        {
            queue.AddLast(waiter);
            Serve();
        }

        if (queue != _watching && !waiter.Served.Task.IsCompleted)
            Wanted?.Invoke(account);
        await using (cancellationToken.Register(() => Withdraw(queue, waiter, cancellationToken)))
            await waiter.Served.Task;
        return new Turn(this, account);
    }

    private void Withdraw(LinkedList<Waiter> queue, Waiter waiter, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            // The waiter may have been served already.
            if (queue.Remove(waiter))
                waiter.Served.TrySetCanceled(cancellationToken);
        }
    }

    private void Release(ServerAccount account)
    {
        lock (_gate)
        {
            Count(account, -1);
            Serve();
        }
    }

    private void Serve()
    {
        Serve(_waiting);
        Serve(_filling);
        Serve(_watching);
    }

    // A poll that waits for its account does not block later polls of other accounts.
    private void Serve(LinkedList<Waiter> queue)
    {
        for (var node = queue.First; node is not null;)
        {
            var (waiter, next) = (node.Value, node.Next);
            if (Fits(waiter.Account))
            {
                queue.Remove(node);
                Count(waiter.Account, 1);
                waiter.Served.TrySetResult();
            }

            node = next;
        }
    }

    private bool Fits(ServerAccount account) =>
        _ofAccount.GetValueOrDefault(account) < perAccount && (perHost == 0 || _ofHost.GetValueOrDefault(account.Host) < perHost);

    private bool IsWanted(LinkedList<Waiter> queue, ServerAccount account) => queue.Any(waiter => WaitsFor(account, waiter));

    private bool WaitsFor(ServerAccount account, Waiter waiter) =>
        waiter.Account == account || (waiter.Account.Host == account.Host && WaitsForHost(waiter.Account));

    // Another account's connection does not help a poll that is at the limit of its own account.
    private bool WaitsForHost(ServerAccount account) =>
        perHost > 0 && _ofHost.GetValueOrDefault(account.Host) >= perHost && _ofAccount.GetValueOrDefault(account) < perAccount;

    private void Count(ServerAccount account, int difference)
    {
        Count(_ofAccount, account, difference);
        Count(_ofHost, account.Host, difference);
    }

    // Accounts come and go, so one without connections is forgotten.
    private static void Count<T>(Dictionary<T, int> counts, T key, int difference)
        where T : notnull
    {
        var count = counts.GetValueOrDefault(key) + difference;
        if (count == 0)
            counts.Remove(key);
        else
            counts[key] = count;
    }

    private sealed class Waiter(ServerAccount account)
    {
        public ServerAccount Account => account;

        public TaskCompletionSource Served { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Turn(ConnectionTurns turns, ServerAccount account) : IDisposable
    {
        private ConnectionTurns? _turns = turns;

        public void Dispose() => Interlocked.Exchange(ref _turns, null)?.Release(account);
    }
}
