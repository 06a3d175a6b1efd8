using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using EmailIngestion.Redis;

namespace EmailIngestion.Streams.Jobs;

/// <summary>
/// Keeps what previews have shown, until they are confirmed by their token or their time is over. Redis has the token's digest only.
/// </summary>
internal sealed class PreviewStore(StreamKeys keys, RedisConnection connection)
{
    private const int TokenBytes = 24;

    /// <summary>Keeps what a preview has shown. Returns the token that confirms it.</summary>
    public async Task<string> SaveAsync(string shown, TimeSpan life, CancellationToken cancellationToken)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        var database = await connection.DatabaseAsync(cancellationToken);
        await database.ScriptEvaluateAsync(Scripts.Preview, [keys.Preview(Digest(token))], [shown, (long)life.TotalMilliseconds]);
        return token;
    }

    /// <summary>Finds what a preview has shown. Null: there is none with this token, or no longer.</summary>
    public async Task<string?> FindAsync(string token, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return await database.StringGetAsync(keys.Preview(Digest(token)));
    }

    /// <summary>The digest by which Redis knows a token.</summary>
    public static string Digest(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
