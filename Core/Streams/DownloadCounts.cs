using EmailIngestion.Redis;

namespace EmailIngestion.Streams;

/// <summary>The bytes that the pollers have fetched from each account in the last 24 hours, by the digest of the account.</summary>
internal sealed class DownloadCounts(StreamKeys keys, RedisConnection connection, TimeProvider time)
{
    // This hour and the 24 before it, as in download.lua.
    private static readonly TimeSpan Window = TimeSpan.FromHours(25);

    /// <summary>Takes bytes, unless the window then has more than the most. Below 0 they are returned.</summary>
    /// <param name="account">The digest of the account.</param>
    /// <param name="bytes">The bytes; 0 only asks.</param>
    /// <param name="most">The most bytes of the window; 0: the bytes are counted in any case.</param>
    /// <param name="isOneEmail">Whether they are of one email. An empty window takes it, however large it is.</param>
    /// <param name="cancellationToken">Ends the wait for Redis.</param>
    public async Task<DownloadUse> TakeAsync(
        string account, long bytes, long most, bool isOneEmail, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var hour = time.GetUtcNow().ToUnixTimeSeconds() / 3600;
        var reply = (long[])(await database.ScriptEvaluateAsync(
            Scripts.Download, [keys.Downloads(account)], [hour, bytes, most, isOneEmail ? 1 : 0]))!;
        var free = reply[2] < 0 ? (DateTimeOffset?)null : DateTimeOffset.FromUnixTimeSeconds(reply[2] * 3600) + Window;
        return new DownloadUse(reply[0] == 1, reply[1], free);
    }
}
