using System.Collections.Concurrent;
using System.Net;
using StackExchange.Redis;

namespace EmailIngestion.Redis.Entra;

/// <summary>
/// One multiplexer, with the token by which each of its servers knows it. A server that is not connected signs in by the newest token when
/// it connects.
/// </summary>
internal sealed class SignedConnection(IConnectionMultiplexer multiplexer, RedisToken opened, TimeProvider time)
{
    // A server that has refused a token may accept it when the right has reached it.
    private static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<EndPoint, RedisToken> _tokens = new();
    private readonly ConcurrentDictionary<EndPoint, DateTimeOffset> _refused = new();

    /// <summary>Sends AUTH to each server that does not know this token yet, behind the commands that are under way.</summary>
    /// <returns>How many accepted it, and the answer of one that did not. Null: none refused it.</returns>
    public async Task<(int Accepted, string? Refusal)> AuthenticateAsync(RedisToken token)
    {
        var answers = await Task.WhenAll(multiplexer.GetServers().Where(server => IsDue(server, token)).Select(
            server => AuthenticateAsync(server, token)));
        return (answers.Count(answer => answer is ""), answers.FirstOrDefault(answer => answer is { Length: > 0 }));
    }

    // The handshake of a reconnect that began before the token was renewed may have used the former one, so AUTH follows it too.
    private bool IsDue(IServer server, RedisToken token) => server.IsConnected
        && _tokens.GetValueOrDefault(server.EndPoint, opened) != token
        && !(_refused.TryGetValue(server.EndPoint, out var until) && time.GetUtcNow() < until);

    // Returns an empty text if the server accepts the token, and null if it does not answer.
    private async Task<string?> AuthenticateAsync(IServer server, RedisToken token)
    {
        try
        {
            await server.ExecuteAsync("AUTH", token.User, token.Value);
            _tokens[server.EndPoint] = token;
            _refused.TryRemove(server.EndPoint, out _);
            return "";
        }
        catch (RedisServerException e) when (!RedisErrors.IsPassing(e))
        {
            _refused[server.EndPoint] = time.GetUtcNow() + RefusedFor;
            return RedisErrors.Text(e);
        }
        catch (Exception e) when (RedisErrors.IsPassing(e))
        {
            // It is asked again when it is connected.
            return null;
        }
    }
}
