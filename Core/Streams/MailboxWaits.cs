using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>The waits that mail servers have asked for, in the hashes of the cursors.</summary>
internal sealed class MailboxWaits(StreamKeys keys, RedisConnection connection, TimeProvider time)
{
    /// <summary>Until when a server must not be asked for a mailbox, as it has told a poller; null if it may be.</summary>
    public async Task<DateTimeOffset?> ReadAsync(string mailbox, string server, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        try
        {
            var values = await database.HashGetAsync(keys.Cursor(mailbox), ["until", "throttled", "throttled_by"]);
            return values[1] == "1" && values[2] == server ? MailboxInspector.Time(values[0]) : null;
        }
        catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.Refused)
        {
            // The key is damaged. The reader of the cursor says so.
            return null;
        }
    }

    /// <summary>Records a wait of which no poll reports.</summary>
    public async Task ReportAsync(string mailbox, string server, DateTimeOffset until, string error, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        await database.ScriptEvaluateAsync(
            Scripts.Report,
            [keys.Cursor(mailbox), keys.Mailboxes],
            [
                mailbox, "error_at", time.GetUtcNow().ToUnixTimeMilliseconds(), "error", error,
                "until", until.ToUnixTimeMilliseconds(), .. Throttled(server),
            ]);
    }

    /// <summary>The fields of a wait: the server as well, since a mailbox that moves to another one need not wait. Null: none.</summary>
    internal static RedisValue[] Throttled(string? server) => ["throttled", server is null ? 0 : 1, "throttled_by", server ?? ""];
}
