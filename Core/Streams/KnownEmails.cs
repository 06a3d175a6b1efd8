using EmailIngestion.Messages;
using EmailIngestion.Redis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Tells which emails were appended before: those in the stream, dead letters, and those processed lately.</summary>
internal sealed class KnownEmails(
    StreamKeys keys, RedisConnection connection, IOptions<StreamOptions> options, TimeProvider time)
{
    // The limits of one script call. Redis serves no other client meanwhile.
    private const int ReadAtOnce = 500;
    private const int BytesAtOnce = 1024 * 1024;

    private readonly ProcessedIdKeys _processedIds = new(keys, options, time);

    /// <summary>
    /// Lists the emails of a mailbox in the stream and among the dead letters. None is left out that moves from one to the other meanwhile:
    /// the stream's new entries are read once more at the end, since a replay adds one.
    /// </summary>
    public async Task<IReadOnlySet<EmailId>> ListAsync(string mailbox, CancellationToken cancellationToken)
    {
        var found = new HashSet<EmailId>();
        var last = await ReadAsync(keys.Stream, "-", mailbox, found, cancellationToken);
        await ReadAsync(keys.DeadLetters, "-", mailbox, found, cancellationToken);
        await ReadAsync(keys.Stream, last, mailbox, found, cancellationToken);
        return found;
    }

    /// <summary>Tells which of these emails were processed within <c>Streams:ProcessedRetention</c>.</summary>
    public async Task<bool[]> AreProcessedAsync(IReadOnlyList<EmailId> ids, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        RedisValue[] arguments = [StreamKeys.Group, "0-0", .. ids.Select(id => (RedisValue)id.ToByteArray())];
        return ProcessedIdKeys.ReadReply(
            await database.ScriptEvaluateAsync(Scripts.Processed, _processedIds.ToAsk(), arguments), ids.Count);
    }

    // Returns where to continue.
    private async Task<string> ReadAsync(
        RedisKey key, string from, string mailbox, HashSet<EmailId> found, CancellationToken cancellationToken)
    {
        for (var isMore = true; isMore;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var database = await connection.DatabaseAsync(cancellationToken);
            var reply = await database.ScriptEvaluateAsync(Scripts.EmailIds, [key], [from, mailbox, ReadAtOnce, BytesAtOnce]);
            foreach (var bytes in (byte[][])reply[0]!)
            {
                if (EmailId.TryRead(bytes, out var id))
                    found.Add(id);
            }

            if ((string)reply[1]! is { Length: > 0 } last)
                from = $"({last}";
            isMore = (int)reply[2] == 1;
        }

        return from;
    }
}
