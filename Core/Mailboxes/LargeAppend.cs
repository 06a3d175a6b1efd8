using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Polly;
using StackExchange.Redis;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Appends one large email, alone and over a connection of its own: there are limits at which Redis hangs up, and what is under way beside it
/// would be lost with it.
/// </summary>
internal sealed class LargeAppend(string mailbox, MailboxCursor cursor, TimeSpan contentWindow, EmailStream stream, ResiliencePipeline redis)
{
    public async Task<LargeOutcome> AppendAsync(uint follows, AppendItem item, CancellationToken cancellationToken)
    {
        var limits = await redis.ExecuteAsync(async token => await stream.LimitsAsync(token), cancellationToken);
        var size = item.Message.Raw.Length;
        if (size > limits.Argument)
            item = OversizeItem.Of(item, $"{size} bytes; Redis takes {limits.Argument} ({limits.Setting}).");
        else if (size > limits.Memory)
            return new LargeOutcome(item, null, $"{size} bytes; the part of maxmemory that polling may fill is {limits.Memory}.");
        try
        {
            return new LargeOutcome(item, await TryTwiceAsync(follows, item, cancellationToken), null);
        }
        catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.Full)
        {
            return new LargeOutcome(item, null, await HasWorkAsync(cancellationToken) ? null : $"{size} bytes: {RedisErrors.Text(e)}.");
        }
        // What Redis says of itself (a failover, missing replicas) is no email's fault. That it hangs up while others get through is.
        catch (Exception e) when (e is not RedisServerException && RedisErrors.KindOf(e) == RedisFailure.Passing)
        {
            await PassesAsync(cancellationToken);
            return new LargeOutcome(item, null, $"{size} bytes: {RedisErrors.Text(e)}.");
        }
    }

    // A connection may be cut by chance.
    private async Task<AppendResult> TryTwiceAsync(uint follows, AppendItem item, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.AppendLargeAsync(mailbox, cursor, follows, item, contentWindow, cancellationToken);
        }
        catch (Exception e) when (RedisErrors.KindOf(e) == RedisFailure.Passing)
        {
            await PassesAsync(cancellationToken);
            return await stream.AppendLargeAsync(mailbox, cursor, follows, item, contentWindow, cancellationToken);
        }
    }

    // Throws if Redis is away for everybody.
    private async Task PassesAsync(CancellationToken cancellationToken) =>
        await redis.ExecuteAsync(async token => await stream.LengthAsync(token), cancellationToken);

    // What consumers settle makes room; where there is nothing to settle, none will be.
    private async Task<bool> HasWorkAsync(CancellationToken cancellationToken)
    {
        await stream.TrimAsync(cancellationToken);
        return await stream.LengthAsync(cancellationToken) > 0;
    }
}
