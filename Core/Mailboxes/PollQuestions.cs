using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// What one poll asks Redis before it connects. The questions are sent together, so that their answers come in one round trip. One of them
/// acquires the mailbox lock; the disposal releases it.
/// </summary>
internal sealed class PollQuestions(PolledMailbox mailbox, MailboxAppenders appenders, TimeProvider time) : IAsyncDisposable
{
    // The lock, the pressure and the waits may have changed since.
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(1);

    private long _askedAt;
    private Task<bool>? _mustWait;
    private Task<bool> _isAcquired = Task.FromResult(false);
    private Task<RequiredWait?> _required = Task.FromResult<RequiredWait?>(null);

    /// <summary>
    /// The cursor; null before the mailbox's first poll. It is read before the folder: a cursor that another poll moves after this poll has
    /// read UIDNEXT looks like a renumbering.
    /// </summary>
    public Task<MailboxCursor?> Cursor { get; private set; } = Task.FromResult<MailboxCursor?>(null);

    /// <summary>Asks before the poll begins. It asks again if it begins more than a second later.</summary>
    public void Ask(CancellationToken cancellationToken)
    {
        _askedAt = time.GetTimestamp();
        _mustWait = appenders.MustWaitAsync(mailbox.Stream, cancellationToken);
        _isAcquired = mailbox.Lock.AcquireAsync(cancellationToken);
        Cursor = mailbox.State.ReadCursorAsync(mailbox.Name, cancellationToken);
        _required = mailbox.Wait.ReadAsync(cancellationToken);
    }

    /// <summary>
    /// Waits for what the poll needs beside the answers. After a second it releases the mailbox lock, for which other processes skip the
    /// mailbox, and <see cref="HindranceAsync"/> asks again.
    /// </summary>
    public async Task<T> WaitAsync<T>(Task<T> needed)
    {
        if (_mustWait is not null)
        {
            await ((Task)needed).WaitAsync(Life, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!needed.IsCompleted)
                await WithdrawAsync();
        }

        return await needed;
    }

    /// <summary>Returns why the mailbox may not be read now; null when it may.</summary>
    public async Task<PollEnd?> HindranceAsync(CancellationToken cancellationToken)
    {
        if (_mustWait is null || time.GetElapsedTime(_askedAt) >= Life)
            Ask(cancellationToken);
        await Task.WhenAll([_mustWait!, _isAcquired, Cursor, _required]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // The wait counts first: the report of another end would overwrite it.
        if (await _required is { } wait)
            return wait.IsParked ? PollEnd.Parked : PollEnd.BackingOff;
        if (await _mustWait!)
            return PollEnd.BackPressure;
        return await _isAcquired ? null : PollEnd.Elsewhere;
    }

    public async ValueTask DisposeAsync() => await ReleaseAsync();

    private async Task WithdrawAsync()
    {
        await ReleaseAsync();
        (_mustWait, _isAcquired) = (null, Task.FromResult(false));
    }

    private async Task ReleaseAsync()
    {
        // A poll that is stopped may end before the answer. Where there is none the lock expires.
        await ((Task)_isAcquired).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_isAcquired is { IsCompletedSuccessfully: true, Result: true })
            await mailbox.Lock.ReleaseAsync();
    }
}
