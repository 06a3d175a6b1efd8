using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace EmailIngestion.Redis.Entra;

/// <summary>
/// Signs all connections of this process in to Redis by tokens of its identity, and again by the next token before the last one runs out:
/// Redis closes a connection whose token has run out.
/// </summary>
internal sealed class RedisSignIn : IAsyncDisposable
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    // A connection that has subscribed accepts no AUTH (RESP2), so it would be closed with each token. Nothing here subscribes.
    private static readonly HashSet<string> Unused = ["SUBSCRIBE"];

    private readonly RedisTokens _tokens;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<IConnectionMultiplexer, SignedConnection> _connections = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _loop;
    private string? _refusal;

    public RedisSignIn(RedisIdentity identity, TimeProvider time, ILogger logger)
    {
        _tokens = new RedisTokens(identity, time, logger);
        (_time, _logger) = (time, logger);
        _loop = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>Prepares the settings of a connection that opens.</summary>
    /// <returns>The token by which it signs in, unless there is a newer one by then.</returns>
    /// <exception cref="RedisSignInException">There is no token.</exception>
    public async Task<RedisToken> PrepareAsync(ConfigurationOptions configuration, CancellationToken cancellationToken)
    {
        var token = await _tokens.GetAsync(cancellationToken);
        // The client library knows this default by the host name, and asks the options below in its place.
        configuration.Ssl = configuration.Ssl;
        configuration.Defaults = new TokenOptions(_tokens);
        configuration.CommandMap = CommandMap.Create(Unused, available: false);
        return token;
    }

    /// <summary>From now on a connection is signed in again by each new token.</summary>
    public void Add(IConnectionMultiplexer connection, RedisToken opened) =>
        _connections[connection] = new SignedConnection(connection, opened, _time);

    public void Remove(IConnectionMultiplexer connection) => _connections.TryRemove(connection, out _);

    /// <summary>Redis does not accept the newest token on a connection that opens.</summary>
    public RedisSignInException Refused()
    {
        if (_tokens.Current is { } token)
            _tokens.Refused(token);
        return new RedisSignInException(Text("WRONGPASS"));
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _loop;
        _tokens.Dispose();
        _closing.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(CheckInterval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_closing.Token))
            {
                try
                {
                    await _tokens.RenewAsync(_closing.Token);
                    if (_tokens.Current is { } token)
                        await AuthenticateAsync(token).WaitAsync(_closing.Token);
                }
                catch (Exception e) when (!_closing.IsCancellationRequested)
                {
                    // Every error is caught: without this loop Redis would close all connections when the token runs out.
                    Log.SignInBroken(_logger, e);
                }
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // This process ends.
        }
    }

    private async Task AuthenticateAsync(RedisToken token)
    {
        var answers = await Task.WhenAll(_connections.Values.Select(connection => connection.AuthenticateAsync(token)));
        var accepted = answers.Sum(answer => answer.Accepted);
        if (accepted > 0)
            Log.SignedInAgain(_logger, accepted, token.ExpiresOn);
        var refusal = answers.Select(answer => answer.Refusal).FirstOrDefault(answer => answer is not null);
        if (refusal is not null)
        {
            _tokens.Refused(token);
            if (refusal != _refusal)
                Log.SignInRefused(_logger, Text(refusal));
            _refusal = refusal;
        }
        else if (accepted > 0)
        {
            _refusal = null;
        }
    }

    private string Text(string answer) => $"Redis does not accept the token of user {_tokens.Current?.User} ({answer}): "
        + "give this identity access to Redis, and check Streams:User.";
}
