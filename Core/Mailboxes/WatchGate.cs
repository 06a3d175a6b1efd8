namespace EmailIngestion.Mailboxes;

/// <summary>
/// Hands the connection of a watched mailbox to its polls and back. A poll pauses the watch and waits until its connection is free. Another
/// poll of the account may ask the watch to give way.
/// </summary>
internal sealed class WatchGate : IDisposable
{
    private readonly Lock _gate = new();
    private int _pauses;
    private Stay? _stay;
    private TaskCompletionSource _resumed = Ended();

    /// <summary>Pauses the watch, and waits until it has returned its connection. Disposing the result ends the pause.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public async Task<IDisposable> PauseAsync(CancellationToken cancellationToken)
    {
        Stay? stay;
        lock (_gate)
        {
            if (_pauses++ == 0)
                _resumed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            stay = _stay;
        }

        var pause = new Pause(this);
        try
        {
            if (stay is not null)
            {
                stay.Want();
                await stay.Left.WaitAsync(cancellationToken);
            }

            return pause;
        }
        catch
        {
            pause.Dispose();
            throw;
        }
    }

    /// <summary>Asks the watch to return its connection. Returns false if it has none, or was asked already.</summary>
    public bool GiveWay()
    {
        Stay? stay;
        lock (_gate)
            stay = _stay;
        return stay is { HasConnection: true } && stay.Want();
    }

    /// <summary>Waits until no poll runs. Until the result is disposed, polls wait for the connection.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public async Task<Stay> EnterAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task free;
            lock (_gate)
            {
                if (_pauses == 0 && _stay is null)
                    return _stay = new Stay(this);
                // A former watch of the mailbox may still be leaving.
                free = _pauses > 0 ? _resumed.Task : _stay!.Left;
            }

            await free.WaitAsync(cancellationToken);
        }
    }

    public void Dispose() => _stay?.Dispose();

    private static TaskCompletionSource Ended()
    {
        var ended = new TaskCompletionSource();
        ended.SetResult();
        return ended;
    }

    private void Resume()
    {
        lock (_gate)
        {
            if (--_pauses == 0)
                _resumed.TrySetResult();
        }
    }

    private void Leave()
    {
        lock (_gate)
            _stay = null;
    }

    /// <summary>The time in which a watch may have a connection.</summary>
    internal sealed class Stay(WatchGate gate) : IDisposable
    {
        private readonly CancellationTokenSource _wanted = new();
        private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _hasConnection;

        /// <summary>Whether the watch has a place among the connections of its account, which it can return.</summary>
        public bool HasConnection => _hasConnection;

        /// <summary>Cancelled when a poll wants the connection.</summary>
        public CancellationToken Wanted => _wanted.Token;

        public Task Left => _left.Task;

        /// <summary>
        /// Notes that the watch has a place. Dispose the result before the place is released: a poll that waits for another place would ask
        /// in vain.
        /// </summary>
        public IDisposable Connect()
        {
            _hasConnection = true;
            return new Connection(this);
        }

        public bool Want()
        {
            lock (_left)
            {
                if (_left.Task.IsCompleted || _wanted.IsCancellationRequested)
                    return false;
                // Asynchronously: the watch may send its answer to the server in the callback.
                _ = _wanted.CancelAsync();
                return true;
            }
        }

        public void Dispose()
        {
            gate.Leave();
            lock (_left)
                _left.TrySetResult();
            _wanted.Dispose();
        }

        private sealed class Connection(Stay stay) : IDisposable
        {
            public void Dispose() => stay._hasConnection = false;
        }
    }

    private sealed class Pause(WatchGate gate) : IDisposable
    {
        private WatchGate? _gate = gate;

        public void Dispose() => Interlocked.Exchange(ref _gate, null)?.Resume();
    }
}
