namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// Limits the open connections of this process to mail servers, for each account of a host and for each host. Polls beyond a limit wait in
/// the order of their requests.
/// </summary>
/// <param name="perAccount">The limit for one account of one host.</param>
/// <param name="perHost">The limit for all accounts of one host; 0: no limit.</param>
internal sealed class ConnectionTurns(int perAccount, int perHost)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiting = [];
    private readonly Dictionary<ServerAccount, int> _ofAccount = [];
    private readonly Dictionary<string, int> _ofHost = new(StringComparer.Ordinal);

    /// <summary>The number of waiting polls.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>Waits until the account may have one more connection. Disposing the result releases it for the next poll.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public async Task<IDisposable> AcquireAsync(ServerAccount account, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(account);
        lock (_gate)
        {
            _waiting.AddLast(waiter);
            Serve();
        }

        await using (cancellationToken.Register(() => Withdraw(waiter, cancellationToken)))
            await waiter.Served.Task;
        return new Turn(this, account);
    }

    private void Withdraw(Waiter waiter, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            // The waiter may have been served already.
            if (_waiting.Remove(waiter))
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

    // A poll that waits for its account does not block later polls of other accounts.
    private void Serve()
    {
        for (var node = _waiting.First; node is not null;)
        {
            var (waiter, next) = (node.Value, node.Next);
            if (Fits(waiter.Account))
            {
                _waiting.Remove(node);
                Count(waiter.Account, 1);
                waiter.Served.TrySetResult();
            }

            node = next;
        }
    }

    private bool Fits(ServerAccount account) =>
        _ofAccount.GetValueOrDefault(account) < perAccount && (perHost == 0 || _ofHost.GetValueOrDefault(account.Host) < perHost);

    private void Count(ServerAccount account, int difference)
    {
        _ofAccount[account] = _ofAccount.GetValueOrDefault(account) + difference;
        _ofHost[account.Host] = _ofHost.GetValueOrDefault(account.Host) + difference;
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
