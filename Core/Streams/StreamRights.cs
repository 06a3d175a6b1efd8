using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Finds what Redis does not let us do with the keys of a partition, before it is needed or after a refusal. It changes nothing.</summary>
internal sealed class StreamRights(StreamKeys keys, TimeProvider time)
{
    /// <summary>The first fault as a sentence that names command and key and says what to do; null when there is none.</summary>
    /// <param name="database">The connection of the user in question.</param>
    /// <param name="use">What the process does.</param>
    /// <exception cref="RedisException">Redis is not there now.</exception>
    public async Task<string?> FindFaultAsync(IDatabase database, StreamUse use)
    {
        try
        {
            var reply = (string[])(await database.ScriptEvaluateAsync(Scripts.Rights, [keys.Stream], [.. Needs(use).SelectMany(need => need)]))!;
            return reply switch
            {
                [_, "denied", var key, var command] =>
                    $"Redis does not allow this user {command} on {key} (NOPERM). "
                    + "Allow it by ACL SETUSER, or set another user in Streams:ConnectionString.",
                [_, "unknown", _, var command] => $"Redis does not know {command}: it is renamed or disabled, and the product needs it.",
                [_, "type", var key, var found] =>
                    $"{key} in Redis is a {found}, which is not what the product keeps there (WRONGTYPE). Delete or rename that key.",
                _ => await FindSlotFaultAsync(database),
            };
        }
        catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.Refused)
        {
            return $"Redis does not run our scripts (EVAL, EVALSHA, SCRIPT LOAD) on {keys.Stream}: {RedisErrors.Text(e)}. "
                + $"Allow them by ACL SETUSER (+@scripting, ~{StreamKeys.All}).";
        }
    }

    // A Redis that enforces hash slots may call itself standalone and answer no CLUSTER. The keys of a named partition share a slot.
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
                + "and Streams:Partitions is empty: our scripts use several keys, and only the keys of a named partition share a slot. "
                + "Set Streams:Partitions:0 to a name and Mailboxes:n:Partition to the same.";
        }
    }

    /// <summary>What the script is asked, for each key: the key, its type, how many commands, and the commands.</summary>
    internal IEnumerable<RedisValue[]> Needs(StreamUse use) => use == StreamUse.Poll ? [.. Common, .. Polling] : [.. Common, .. Consuming];

    private IEnumerable<RedisValue[]> Common =>
    [
        Need(keys.DeadLetters, "stream", "XADD", "XLEN"),
        Need(keys.DeadLetterBody("0-0"), "", "SET"),
    ];

    // Of a mailbox that no one has: what one mailbox's own key holds is that mailbox's matter.
    private IEnumerable<RedisValue[]> Polling =>
    [
        Need(keys.Stream, "stream", "XADD", "XLEN", "XGROUP"),
        Need(keys.Mailboxes, "set", "SADD"),
        Need(keys.Cursor("-"), "", "HGET", "HMGET", "HSET"),
        Need(keys.MailboxLock("-"), "", "GET", "SET", "DEL"),
        Need(keys.Digests("-", Today), "", "HSET", "HMGET"),
    ];

    private IEnumerable<RedisValue[]> Consuming =>
    [
        Need(keys.Stream, "stream", "XREADGROUP", "XACK", "XCLAIM", "XPENDING", "XRANGE", "XINFO", "XTRIM", "XGROUP"),
        Need(keys.ProcessedIds(Today), "set", "SADD", "SISMEMBER", "SMISMEMBER", "EXPIRE"),
        Need(keys.Consumer("-"), "", "GET", "SET", "DEL"),
    ];

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    private static RedisValue[] Need(RedisKey key, string type, params string[] commands) =>
        [key.ToString(), type, commands.Length, .. commands.Select(command => (RedisValue)command)];
}
