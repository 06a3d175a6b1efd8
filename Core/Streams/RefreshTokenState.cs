using EmailIngestion.Redis;

namespace EmailIngestion.Streams;

/// <summary>The rotated refresh tokens in Redis, by the digest of the configured token. They are encrypted by the caller.</summary>
internal sealed class RefreshTokenState(StreamKeys keys, RedisConnection connection)
{
    /// <summary>Reads the token that is kept in place of a configured one.</summary>
    /// <param name="digest">The digest of the configured token.</param>
    /// <param name="cancellationToken">Ends the wait for Redis.</param>
    /// <returns>The encrypted token and its version; null and 0 if there is none.</returns>
    public async Task<(byte[]? Token, long Version)> ReadAsync(string digest, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var values = await database.HashGetAsync(keys.RefreshToken(digest), ["version", "token"]);
        return values[0].TryParse(out long version) && version > 0 ? ((byte[]?)values[1], version) : (null, 0);
    }

    /// <summary>Keeps a token, unless another poller has kept one after <paramref name="version"/>.</summary>
    /// <returns>Whether it is kept.</returns>
    public async Task<bool> KeepAsync(string digest, long version, byte[] token, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return (int)await database.ScriptEvaluateAsync(Scripts.KeepToken, [keys.RefreshToken(digest)], [version, token]) == 1;
    }
}
