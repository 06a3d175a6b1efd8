namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>The access tokens of all accounts of this process.</summary>
/// <param name="sources">Creates what requests tokens.</param>
/// <param name="timeout">The timeout of a request.</param>
/// <param name="time">The clock.</param>
internal sealed class AccessTokens(AccessTokenSources sources, TimeSpan timeout, TimeProvider time)
{
    // Settings may change while the process runs. Tokens of former settings are dropped.
    private static readonly TimeSpan KeptUnused = TimeSpan.FromDays(1);

    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<SignInAccount, AccountTokens> _accounts = [];

    /// <summary>The tokens of a mailbox's account; null if the mailbox has a password.</summary>
    public AccountTokens? Of(MailboxOptions mailbox)
    {
        if (SignInAccount.Of(mailbox) is not { } account)
            return null;
        lock (_gate)
        {
            if (_accounts.TryGetValue(account, out var known))
                return known;
            var now = time.GetUtcNow();
            foreach (var (unused, _) in _accounts.Where(one => now - one.Value.UsedAt > KeptUnused).ToArray())
                _accounts.Remove(unused);
            return _accounts[account] = new AccountTokens(sources.Create(mailbox), timeout, time);
        }
    }

    /// <summary>
    /// Waits at a stop for the running requests, for at most ten seconds: an answer may have a new refresh token, which must be kept.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Task[] running;
        lock (_gate)
            running = [.. _accounts.Values.Select(account => account.Running)];
        await Task.WhenAll(running).WaitAsync(LongestStop, time, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Forgets a refusal of an account, so that the next call requests a token.</summary>
    public void Resume(SignInAccount account)
    {
        lock (_gate)
            _accounts.GetValueOrDefault(account)?.Resume();
    }
}
