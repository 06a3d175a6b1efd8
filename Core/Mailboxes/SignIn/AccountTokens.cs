namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>
/// The access token of one account. It is requested by one caller at a time, and renewed before it ends. A refusal of the settings, for
/// an hour, and a pause that the endpoint asks for apply to all mailboxes of the account.
/// </summary>
/// <param name="source">Requests tokens.</param>
/// <param name="timeout">The timeout of a request.</param>
/// <param name="time">The clock.</param>
internal sealed class AccountTokens(IAccessTokenSource source, TimeSpan timeout, TimeProvider time)
{
    private readonly Lock _gate = new();
    private Task<IssuedToken>? _request;
    private IssuedToken? _issued;
    private bool _wasRefused;
    private (DateTimeOffset Until, SignInException Error)? _refusal;
    private (DateTimeOffset Until, MailboxThrottledException Error)? _pause;

    /// <summary>The running request; a completed task if there is none.</summary>
    public Task Running
    {
        get
        {
            lock (_gate)
                return (Task?)_request ?? Task.CompletedTask;
        }
    }

    /// <summary>When the account was last used.</summary>
    public DateTimeOffset UsedAt { get; private set; } = time.GetUtcNow();

    /// <summary>Returns a valid token, and requests one if there is none.</summary>
    /// <exception cref="SignInException">No token was issued.</exception>
    /// <exception cref="MailboxThrottledException">The token endpoint asks for a pause.</exception>
    public async Task<AccessToken> GetAsync(CancellationToken cancellationToken)
    {
        IssuedToken? former;
        Task<IssuedToken> request;
        lock (_gate)
        {
            var now = time.GetUtcNow();
            UsedAt = now;
            former = _issued?.IsValid(now) == true ? _issued : null;
            if (!_wasRefused && former?.IsCurrent(now) == true)
                return former.Token;
            if (_refusal is { } refusal && now < refusal.Until)
                throw refusal.Error;
            if (_pause is { } pause && now < pause.Until)
                return former?.Token ?? throw new MailboxThrottledException(pause.Error.Message, pause.Until - now);
            // The request belongs to all callers, so the token of one of them does not end it.
            request = _request ??= Task.Run(RequestAsync, CancellationToken.None);
        }

        try
        {
            return (await request.WaitAsync(cancellationToken)).Token;
        }
        catch (MailboxException e) when (former is not null && e is not SignInException { Failure: SignInFailure.Refused })
        {
            // The former token is valid for some time more. If a mail server refused it, others may accept it.
            return former.Token;
        }
    }

    /// <summary>Notes that a mail server accepted a token.</summary>
    public void Accept(AccessToken token)
    {
        lock (_gate)
        {
            if (_issued?.Token == token)
                _issued.IsAccepted = true;
        }
    }

    /// <summary>Notes that a mail server refused a token. Returns whether a repeat with another token may help.</summary>
    public bool Refuse(AccessToken token)
    {
        lock (_gate)
        {
            if (_issued?.Token != token)
                return true;
            if (!_issued.IsWorthRenewing(time.GetUtcNow()))
                return false;
            // It may be one mailbox without permission: the others use the token until there is another one.
            _wasRefused = true;
            return true;
        }
    }

    /// <summary>Forgets a refusal of the token endpoint, so that the next call requests a token. A pause goes on.</summary>
    public void Resume()
    {
        lock (_gate)
            _refusal = null;
    }

    private async Task<IssuedToken> RequestAsync()
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        var before = time.GetUtcNow();
        try
        {
            var token = await source.RequestAsync(deadline.Token);
            lock (_gate)
            {
                _issued = new IssuedToken(token, before, _wasRefused);
                _wasRefused = false;
                return _issued;
            }
        }
        catch (SignInException e) when (e.Failure == SignInFailure.Refused)
        {
            lock (_gate)
                _refusal = (time.GetUtcNow() + MailboxBackOff.Parked, e);
            throw;
        }
        catch (MailboxThrottledException e)
        {
            lock (_gate)
                _pause = (time.GetUtcNow() + (e.BackOff ?? MailboxBackOff.Throttled), e);
            throw;
        }
        catch (Exception e) when (e is not MailboxException && deadline.IsCancellationRequested)
        {
            throw new SignInException(
                SignInFailure.Unavailable, $"The token endpoint did not answer within Polling:ServerTimeout, {timeout}.", e);
        }
        finally
        {
            lock (_gate)
                _request = null;
        }
    }
}
