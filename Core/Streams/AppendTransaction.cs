using System.Buffers;
using System.Text;
using EmailIngestion.Messages;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>
/// The usual append: one transaction with one XADD for each email between two small scripts. The last script moves the cursor or removes
/// what was added.
/// </summary>
internal sealed class AppendTransaction(
    RedisKey stream, RedisKey cursor, RedisKey digestLog, RedisKey newestLarge, int epoch, long streamLimit, long digestLife)
{
    private const int FieldBytes = 8 * 1024;

    private static readonly StreamAddOptions NoNewStream = new() { CreateStream = false };

    /// <summary>Whether a transaction can append these items: only entries with their message, with ascending UIDs.</summary>
    public static bool Fits(uint follows, IReadOnlyList<AppendItem> items)
    {
        foreach (var item in items)
        {
            if (item.Failure is not null || item.Body is not null || item.Message.Uid <= follows)
                return false;
            follows = item.Message.Uid;
        }

        return items.Count > 0;
    }

    /// <summary>False: nothing was appended. The append script then reports why.</summary>
    public async Task<bool> TryAsync(IDatabase database, uint follows, IReadOnlyList<AppendItem> items)
    {
        var transaction = database.CreateTransaction();
        // By EVAL: EVALSHA of a script that Redis has lost would fail in the middle of the transaction, and the other commands would run.
        _ = transaction.ExecuteAsync("EVAL", [Scripts.AppendOpen, 2, stream, cursor], CommandFlags.FireAndForget);
        foreach (var item in items)
        {
            var fields = EntryCodec.Encode(item.Message, notes: item.Notes);
            _ = transaction.StreamAddAsync(stream, fields, NoNewStream, CommandFlags.FireAndForget);
        }

        var digests = digestLife > 0 ? Digests(items) : default;
        if (!digests.IsEmpty)
            _ = transaction.ListRightPushAsync(digestLog, digests, flags: CommandFlags.FireAndForget);
        var close = transaction.ExecuteAsync(
            "EVAL",
            [
                Scripts.AppendClose, 4, stream, cursor, digestLog, newestLarge,
                epoch, follows, items[^1].Message.Uid, items.Count, streamLimit, digests.IsEmpty ? 0 : digestLife, HasLarge(items) ? 1 : 0,
            ]);
        try
        {
            if (!await transaction.ExecuteAsync())
                return false;
        }
        catch (RedisServerException)
        {
            // Redis is full or a replica, or the slot moves. It has discarded the transaction.
            return false;
        }

        return (int)await close == 1;
    }

    /// <summary>
    /// Whether the user may run every command of the transaction. Without MULTI the commands would run one by one and would remove entries
    /// that others appended between them. Without the commands that remove entries, a failed append would stay.
    /// </summary>
    public static async Task<bool> IsAllowedAsync(IDatabase database, RedisKey stream)
    {
        var transaction = database.CreateTransaction();
        _ = transaction.ExecuteAsync("XLEN", [stream], CommandFlags.FireAndForget);
        // No entry has this ID, so nothing is read or deleted.
        _ = transaction.ExecuteAsync("XREVRANGE", [stream, "0-1", "0-1"], CommandFlags.FireAndForget);
        _ = transaction.ExecuteAsync("XDEL", [stream, "0-1"], CommandFlags.FireAndForget);
        // XINFO STREAM would return the first and the last entry with their bodies, so its right is checked by script. Without XSETID
        // removed entries would count as vanished.
        var info = transaction.ExecuteAsync("EVAL", [Scripts.Rights, 1, stream, stream, "", 2, "XINFO", "XSETID"]);
        try
        {
            return await transaction.ExecuteAsync() && (await info).Length == 1;
        }
        catch (RedisServerException)
        {
            return false;
        }
    }

    // The other fields of an entry have a few KB at most, without flags and labels.
    private static bool HasLarge(IReadOnlyList<AppendItem> items)
    {
        foreach (var item in items)
        {
            var tags = TagList.MaxBytes(item.Message.Flags) + TagList.MaxBytes(item.Message.Labels);
            if (item.Message.Raw.Length + tags > ByteBudget.SmallBytes - FieldBytes)
                return true;
        }

        return false;
    }

    // In the format that digests.lua reads.
    private ReadOnlyMemory<byte> Digests(IReadOnlyList<AppendItem> items)
    {
        var log = new ArrayBufferWriter<byte>();
        log.Write(Encoding.ASCII.GetBytes($"{epoch}:"));
        var empty = log.WrittenCount;
        foreach (var item in items.Where(item => item.Digest.Length > 0))
        {
            log.Write([(byte)item.Digest.Length]);
            log.Write(item.Digest);
        }

        return log.WrittenCount == empty ? default : log.WrittenMemory;
    }
}
