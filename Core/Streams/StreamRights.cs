using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Finds commands on a partition's keys that Redis does not allow, and keys of a wrong type. It changes nothing.</summary>
internal sealed class StreamRights(StreamKeys keys, TimeProvider time)
{
    /// <summary>
    /// Finds the first fault, as a sentence that names the command and the key and says what to do. Null when there is none.
    /// </summary>
    /// <param name="database">A connection of the user.</param>
    /// <param name="use">What the process does with the partition.</param>
    /// <exception cref="RedisException">Redis is away.</exception>
    public async Task<string?> FindFaultAsync(IDatabase database, StreamUse use)
    {
        try
        {
            RedisValue[] needs = [.. Needs(use).SelectMany(need => need)];
            var reply = (string[])(await database.ScriptEvaluateAsync(Scripts.Rights, [keys.Stream], needs))!;
            return reply switch
            {
                [_, "denied", var key, var command] =>
                    $"Redis does not allow this user {command} on {key} (NOPERM). "
                    + "Allow it by ACL SETUSER, or set another user in Streams:ConnectionString.",
                [_, "unknown", _, var command] =>
                    $"Redis does not know {command}: it is renamed or disabled. Enable it, because this product needs it.",
                [_, "type", var key, var found] =>
                    $"{key} in Redis is a {found}, which is not the type that this product uses (WRONGTYPE). Delete or rename that key.",
                _ => await FindSlotFaultAsync(database),
            };
        }
        catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.Refused)
        {
            return $"Redis refuses to run scripts (EVAL, EVALSHA, SCRIPT LOAD) on {keys.Stream}: {RedisErrors.Text(e)}. "
                + $"Allow them by ACL SETUSER (+@scripting, ~{StreamKeys.All}).";
        }
    }

    // A Redis that enforces hash slots may report itself as standalone and not answer CLUSTER. The keys of a named partition share a slot.
    private async Task<string?> FindSlotFaultAsync(IDatabase database)
    {
        if (keys.Partition.Length > 0)
            return null;
        try
        {
            await database.ScriptEvaluateAsync(Scripts.Slots, [keys.Stream, keys.DeadLetters]);
            return null;
        }
        catch (RedisServerException e) when (e.Message.StartsWith("CROSSSLOT", StringComparison.Ordinal))
        {
            return "Redis enforces hash slots (CROSSSLOT), as Azure Managed Redis does with the Enterprise clustering policy, "
                + "and Streams:Partitions is empty: each script uses several keys, and only the keys of a named partition share a slot. "
                + "Set Streams:Partitions:0 to a name and Mailboxes:n:Partition to the same.";
        }
    }

    /// <summary>The arguments of the script for each key: the key, its type, the number of commands, and the commands.</summary>
    internal IEnumerable<RedisValue[]> Needs(StreamUse use) => use switch
    {
        StreamUse.Poll => [.. Common, .. Polling],
        StreamUse.PollIntoRedis => [.. Common, .. Polling, .. Writing],
        _ => [.. Common, .. Consuming],
    };

    private IEnumerable<RedisValue[]> Common =>
    [
        Need(keys.DeadLetters, "stream", "XADD", "XLEN"),
        Need(keys.DeadLetterBody("0-0"), "", "SET"),
        Need(keys.Control, "hash", "HSCAN", "HDEL"),
        Need(keys.Bodies.Referers, "hash", "HGET", "HSET", "HDEL"),
        Need(keys.Bodies.Body("0"), "", "UNLINK", "EXISTS"),
        Need(keys.Bodies.Released, "zset", "ZADD", "ZCARD", "ZREM", "ZSCORE", "ZRANGEBYSCORE"),
        Need(keys.Notes("-"), "", "ZADD", "ZCARD"),
        Need(keys.NotesUnmade, "hash", "HINCRBY"),
    ];

    // Uses the keys of a mailbox that does not exist: a wrong type of one mailbox's key is that mailbox's error, not the partition's.
    private IEnumerable<RedisValue[]> Polling =>
    [
        Need(keys.Stream, "stream", "XADD", "XLEN", "XGROUP"),
        Need(keys.Mailboxes, "set", "SADD"),
        Need(keys.Cursor("-"), "", "HGET", "HMGET", "HSET"),
        Need(keys.RefreshToken("-"), "", "HGET", "HMGET", "HSET"),
        Need(keys.Notes("-"), "", "ZRANGEBYSCORE", "ZREM", "UNLINK"),
        Need(keys.NotesUnmade, "hash", "HGET", "HDEL"),
        Need(keys.Downloads("-"), "", "HMGET", "HSET", "EXPIRE"),
        Need(keys.MailboxLock("-"), "", "GET", "SET", "DEL"),
        Need(keys.Digests("-", Today), "", "HSET", "HMGET"),
    ];

    // With other stores, a user that an older version documented is enough.
    private IEnumerable<RedisValue[]> Writing =>
    [
        Need(keys.Bodies.Body("0"), "", "SET", "STRLEN", "PERSIST", "RENAME"),
        Need(keys.Bodies.Incoming("0"), "", "SET", "APPEND", "STRLEN", "EXPIRE", "RENAME", "UNLINK"),
        Need(keys.Bodies.Staged("0"), "", "STRLEN", "RENAME", "UNLINK"),
    ];

    private IEnumerable<RedisValue[]> Consuming =>
    [
        Need(keys.Stream, "stream", "XREADGROUP", "XACK", "XCLAIM", "XPENDING", "XRANGE", "XINFO", "XTRIM", "XGROUP"),
        Need(keys.ProcessedIds(Today), "set", "SADD", "SISMEMBER", "SMISMEMBER", "EXPIRE"),
        Need(keys.Consumer("-"), "", "GET", "SET", "DEL"),
        Need(keys.Bodies.Body("0"), "", "STRLEN", "GETRANGE"),
    ];

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    private static RedisValue[] Need(RedisKey key, string type, params string[] commands) =>
        [key.ToString(), type, commands.Length, .. commands.Select(command => (RedisValue)command)];
}
