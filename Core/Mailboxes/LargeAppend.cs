using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Polly;
using StackExchange.Redis;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Appends one large email over a separate connection. Redis closes the connection at some limits, and other appends on the same connection
/// would be lost with it.
/// </summary>
internal sealed class LargeAppend(
    string mailbox, MailboxCursor cursor, TimeSpan contentWindow, EmailStream stream, ResiliencePipeline redis)
{
    /// <summary>Appends the email. If Redis cannot store it, appends a dead letter or returns the reason.</summary>
    /// <param name="follows">The UID that the email follows.</param>
    /// <param name="item">The email.</param>
    /// <param name="cancellationToken">Cancels the append.</param>
    public async Task<LargeOutcome> AppendAsync(uint follows, AppendItem item, CancellationToken cancellationToken)
    {
        var limits = await redis.ExecuteAsync(async token => await stream.LimitsAsync(token), cancellationToken);
        var size = item.Message.Raw.Length;
        if (size > limits.Argument)
            item = OversizeItem.Of(item, $"{size} bytes; Redis takes {limits.Argument} ({limits.Setting}).");
        else if (limits.MemoryFault(size) is { } fault)
            return new LargeOutcome(item, null, fault);
        try
        {
            return new LargeOutcome(item, await TryTwiceAsync(follows, item, cancellationToken), null);
        }
        catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.Full)
        {
            var waits = await stream.HasUnsettledAsync(cancellationToken);
            return new LargeOutcome(item, null, waits ? null : $"{size} bytes: {RedisErrors.Text(e)}.");
        }
        // A state that Redis reports (a failover, missing replicas) is not the email's fault. A closed connection is, if others get
        // through.
        catch (Exception e) when (e is not RedisServerException && RedisErrors.KindOf(e) == RedisFailure.Passing)
        {
            await CheckRedisAsync(cancellationToken);
            return new LargeOutcome(item, null, $"{size} bytes: {RedisErrors.Text(e)}.");
        }
    }

    // A connection may break by chance, so a second attempt follows.
    private async Task<AppendResult> TryTwiceAsync(uint follows, AppendItem item, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.AppendLargeAsync(mailbox, cursor, follows, item, contentWindow, cancellationToken);
        }
        catch (Exception e) when (RedisErrors.KindOf(e) == RedisFailure.Passing)
        {
            await CheckRedisAsync(cancellationToken);
            return await stream.AppendLargeAsync(mailbox, cursor, follows, item, contentWindow, cancellationToken);
        }
    }

    // Throws if Redis is unavailable for other commands too.
    private async Task CheckRedisAsync(CancellationToken cancellationToken) =>
        await redis.ExecuteAsync(async token => await stream.LengthAsync(token), cancellationToken);
}
