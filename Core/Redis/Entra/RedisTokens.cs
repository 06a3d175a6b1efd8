using Azure.Core;
using EmailIngestion.Configuration;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Redis.Entra;

/// <summary>
/// Gets the tokens for Redis from Microsoft Entra ID, one request at a time. After a failure it asks again ever later: after 1 to 30
/// seconds, and not before the time that the source asks for.
/// </summary>
internal sealed class RedisTokens(RedisIdentity identity, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TokenRequestContext Scope = new(["https://redis.azure.com/.default"]);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestSameToken = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);

    // Redis refuses every token of an identity without access. Asking for another is worth it once in a while.
    private static readonly TimeSpan RefusalPause = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile RedisToken? _current;
    private volatile bool _isRefused;
    private RedisSignInException? _failure;
    private bool _hadToken;
    private DateTimeOffset _askAt = DateTimeOffset.MinValue;
    private TimeSpan _pause;

    /// <summary>The newest token, which may have run out. Null before the first.</summary>
    public RedisToken? Current => _current;

    /// <summary>Returns a token that has not run out.</summary>
    /// <exception cref="RedisSignInException">There is none.</exception>
    public async ValueTask<RedisToken> GetAsync(CancellationToken cancellationToken)
    {
        if (IsValid(_current))
            return _current!;
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (IsValid(_current))
                return _current!;
            if (_failure is null || time.GetUtcNow() >= _askAt)
                await AskAsync(cancellationToken);
            return IsValid(_current) ? _current! : throw _failure!;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Renews the token when three quarters of its life have passed, or when Redis has refused it. A failure is logged.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var now = time.GetUtcNow();
            if (_current is { } current && now >= _askAt && (now >= current.RenewAt || _isRefused))
                await AskAsync(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Notes that Redis does not accept a token. Another one is requested, once a minute at most.</summary>
    public void Refused(RedisToken token)
    {
        if (token == _current)
            _isRefused = true;
    }

    public void Dispose() => _gate.Dispose();

    private bool IsValid(RedisToken? token) => token is not null && token.ExpiresOn > time.GetUtcNow();

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            var token = RedisToken.Of(await RequestAsync(cancellationToken), identity.User, time.GetUtcNow());
            Take(token);
        }
        catch (RedisSignInException e)
        {
            Note(e, null);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // A source of tokens throws exceptions of many kinds. None of them ends the renewal.
            var text = e is OperationCanceledException ? $"no answer within {AnswerTimeout.TotalSeconds} s" : IdentityFailure.Of(e);
            Note(
                new RedisSignInException($"Microsoft Entra ID gives no token for Redis: {text}."),
                IdentityFailure.RetryAfter(e, time.GetUtcNow()));
        }
    }

    private async Task<AccessToken> RequestAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(AnswerTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        return await identity.Credential().GetTokenAsync(Scope, either.Token);
    }

    private void Take(RedisToken token)
    {
        var now = time.GetUtcNow();
        (_failure, _pause) = (null, TimeSpan.Zero);
        if (_isRefused)
            _askAt = now + RefusalPause;
        _isRefused = false;
        if (token.Value == _current?.Value)
        {
            // Some sources give the same token until shortly before it runs out.
            var pause = (token.ExpiresOn - now) / 10;
            _askAt = now + (pause < FirstPause ? FirstPause : pause < LongestSameToken ? pause : LongestSameToken);
            return;
        }

        _current = token;
        Log.TokenRenewed(logger, token.User, token.ExpiresOn);
    }

    private void Note(RedisSignInException failure, TimeSpan? retryAfter)
    {
        var pause = Pause(retryAfter);
        var hasToken = IsValid(_current);
        _askAt = time.GetUtcNow() + pause;
        // One line for each new failure, and one when the last token has run out.
        if (_failure?.Message != failure.Message || hasToken != _hadToken)
        {
            if (hasToken)
                Log.TokenNotRenewed(logger, failure.Message, _current!.ExpiresOn, pause);
            else
                Log.NoToken(logger, failure.Message, pause);
        }

        (_failure, _hadToken) = (failure, hasToken);
    }

    private TimeSpan Pause(TimeSpan? retryAfter)
    {
        _pause = _pause == TimeSpan.Zero ? FirstPause : 2 * _pause < LongestPause ? 2 * _pause : LongestPause;
        return retryAfter > _pause ? retryAfter < LongestRetryAfter ? retryAfter.Value : LongestRetryAfter : _pause;
    }
}
