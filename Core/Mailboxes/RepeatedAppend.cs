using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Polly;
using StackExchange.Redis;

namespace EmailIngestion.Mailboxes;

/// <summary>Appends a step that the first attempt did not append whole.</summary>
internal sealed class RepeatedAppend(
    string mailbox, MailboxCursor cursor, TimeSpan contentWindow, EmailStream stream, ResiliencePipeline redis, AppendCounts counts)
{
    /// <summary>
    /// Appends the step. If Redis refuses it, each email with a body is a step of its own: a fault of one body does not stop the emails
    /// before it.
    /// </summary>
    /// <returns>The result of the last step. Those before it are counted.</returns>
    public async Task<AppendResult> AppendAsync(AppendStep step, CancellationToken cancellationToken)
    {
        try
        {
            return await AppendAsync(step.Follows, step.Items, cancellationToken);
        }
        catch (RedisException e) when (MayBeOneBody(e) && AppendSteps.Of(step.Items, int.MaxValue) is { Count: > 1 } parts)
        {
            var follows = step.Follows;
            foreach (var part in parts[..^1])
            {
                var result = await AppendAsync(follows, part, cancellationToken);
                if (result.Status != AppendStatus.Complete)
                    return result;
                counts.Add(part, result);
                follows = part[^1].Message.Uid;
            }

            return await AppendAsync(follows, parts[^1], cancellationToken);
        }
    }

    private static bool MayBeOneBody(RedisException error) =>
        error is BodilessException || RedisErrors.KindOf(error) == RedisFailure.Refused;

    private async Task<AppendResult> AppendAsync(uint follows, IReadOnlyList<AppendItem> items, CancellationToken cancellationToken) =>
        await redis.ExecuteAsync(
            async token => await stream.AppendAsync(mailbox, cursor, follows, items, contentWindow, token), cancellationToken);
}
