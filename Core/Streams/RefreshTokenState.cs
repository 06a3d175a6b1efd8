using EmailIngestion.Redis;

namespace EmailIngestion.Streams;

/// <summary>The rotated refresh tokens of one partition's accounts in Redis. They are encrypted by the caller.</summary>
internal sealed class RefreshTokenState(StreamKeys keys, RedisConnection connection)
{
    /// <summary>Reads the kept token of an account.</summary>
    /// <param name="account">The account.</param>
    /// <param name="digest">The digest of the configured token. A token that replaced another configured one is ignored.</param>
    /// <param name="cancellationToken">Ends the wait for Redis.</param>
    /// <returns>The encrypted token and its version; null and 0 if there is none.</returns>
    public async Task<(byte[]? Token, long Version)> ReadAsync(string account, string digest, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var values = await database.HashGetAsync(keys.RefreshToken(account), ["digest", "version", "token"]);
        return values[0] == digest && values[1].TryParse(out long version) && version > 0 ? ((byte[]?)values[2], version) : (null, 0);
    }

    /// <summary>Keeps a token, unless another poller has kept one after <paramref name="version"/>.</summary>
    /// <returns>Whether it is kept.</returns>
    public async Task<bool> KeepAsync(string account, string digest, long version, byte[] token, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return (int)await database.ScriptEvaluateAsync(Scripts.KeepToken, [keys.RefreshToken(account)], [digest, version, token]) == 1;
    }
}
