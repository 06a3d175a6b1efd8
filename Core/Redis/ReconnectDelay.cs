using StackExchange.Redis;

namespace EmailIngestion.Redis;

/// <summary>
/// When a connection is tried again. The client library asks this also of one that is still being made, and gives it up: each try gets twice the time of the one before, so that a slow
/// handshake comes to its end at last. A connection that is refused at once is tried again every second: the library's own policy backs off up to a minute,
/// and Redis would be back for as long before anybody notices.
/// </summary>
internal sealed class ReconnectDelay : IReconnectRetryPolicy
{
    private const int FirstMs = 1_000;
    private const int LongestMs = 8_000;

    /// <param name="currentRetryCount">How many tries were given up while they were being made.</param>
    /// <param name="timeElapsedMillisecondsSinceLastRetry">How long the last try has been going on, or is over.</param>
    public bool ShouldRetry(long currentRetryCount, int timeElapsedMillisecondsSinceLastRetry) =>
        timeElapsedMillisecondsSinceLastRetry >= Math.Min(LongestMs, FirstMs << (int)Math.Clamp(currentRetryCount, 0, 3));
}
