using StackExchange.Redis;

namespace EmailIngestion.Redis;

/// <summary>
/// Decides when a connection is tried again. The client library also asks about an attempt that is still running, and ends it on a yes. So
/// each attempt gets twice the time of the one before, which lets a slow handshake finish. A connection that is refused at once is tried
/// again every second. The library's own policy backs off up to a minute, so the process would notice the return of Redis a minute late.
/// </summary>
internal sealed class ReconnectDelay : IReconnectRetryPolicy
{
    private const int FirstMs = 1_000;
    private const int LongestMs = 8_000;

    /// <param name="currentRetryCount">How many attempts were ended while they were running.</param>
    /// <param name="timeElapsedMillisecondsSinceLastRetry">The milliseconds since the last attempt began or ended.</param>
    public bool ShouldRetry(long currentRetryCount, int timeElapsedMillisecondsSinceLastRetry) =>
        timeElapsedMillisecondsSinceLastRetry >= Math.Min(LongestMs, FirstMs << (int)Math.Clamp(currentRetryCount, 0, 3));
}
