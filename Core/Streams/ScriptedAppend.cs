using EmailIngestion.Bodies;
using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>
/// One call of the append script. It writes the bodies that go to Redis by SET, because a body that passes through Lua costs Redis twice
/// its size, and in one transaction with the script, so that no body is there without its entry.
/// </summary>
/// <param name="keys">The partition's keys.</param>
/// <param name="scriptKeys">The KEYS of the script.</param>
/// <param name="arguments">The ARGV of the script.</param>
/// <param name="items">The batch.</param>
internal sealed class ScriptedAppend(StreamKeys keys, RedisKey[] scriptKeys, RedisValue[] arguments, IReadOnlyList<AppendItem> items)
{
    // A body that no entry refers to, as after a crash or an error, expires. The script keeps the others.
    private static readonly TimeSpan Life = TimeSpan.FromDays(2);

    private static readonly string Name = ScriptLoader.NameOf(Scripts.Append);

    /// <summary>Runs the call and returns the script's reply.</summary>
    public async Task<RedisResult> RunAsync(IDatabase database, bool transactions)
    {
        var bodies = items.Where(item => item is { Failure: null, Body.Store: BodyStoreKind.Redis, Streamed: null }).ToArray();
        if (bodies.Length > 0 && transactions && await TryTransactionAsync(database, bodies) is { } reply)
            return reply;
        await Task.WhenAll(bodies.Select(item => WriteAsync(database, item)));
        return await database.ScriptEvaluateAsync(Scripts.Append, scriptKeys, arguments);
    }

    // By its name, the text of the script is neither sent nor hashed for each large email. Where Redis does not know the name, the bodies
    // are written already, and the same transaction with the text follows.
    private async Task<RedisResult?> TryTransactionAsync(IDatabase database, AppendItem[] bodies)
    {
        try
        {
            return await TryTransactionAsync(database, bodies, "EVALSHA", Name);
        }
        catch (RedisServerException e) when (RedisErrors.IsUnknownScript(e))
        {
            return await TryTransactionAsync(database, bodies, "EVAL", Scripts.Append);
        }
    }

    // Null when Redis has discarded the transaction: it was full, a replica, without a right. The client library gives each of the commands
    // the error of EXEC, which does not say why. The same commands without a transaction get the true error.
    private async Task<RedisResult?> TryTransactionAsync(IDatabase database, AppendItem[] bodies, string command, string script)
    {
        var transaction = database.CreateTransaction();
        Task[] writes = [.. bodies.Select(item => WriteAsync(transaction, item))];
        var reply = transaction.ExecuteAsync(
            command, [script, scriptKeys.Length, .. scriptKeys.Select(key => (object)key), .. arguments.Select(one => (object)one)]);
        try
        {
            await transaction.ExecuteAsync();
            return await reply;
        }
        catch (RedisServerException e) when (RedisErrors.IsDiscarded(e))
        {
            await Task.WhenAll([.. writes, reply]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return null;
        }
    }

    // A body of this name has this content. One that an entry refers to does not expire, and stays so.
    private Task<bool> WriteAsync(IDatabaseAsync database, AppendItem item) =>
        database.StringSetAsync(keys.Bodies.Body(item.Body!.Name), item.Message.Raw, Life, When.NotExists);
}
