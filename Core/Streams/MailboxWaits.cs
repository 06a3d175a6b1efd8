using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>The waits that mail servers have asked for, and parkings after refused sign-ins, in the hashes of the cursors.</summary>
internal sealed class MailboxWaits(StreamKeys keys, RedisConnection connection, TimeProvider time)
{
    // Fields of their own: a wait that is noted during a parking changes neither.
    private const string ParkedBy = "parked_by";
    private const string ParkedUntil = "parked_until";

    /// <summary>
    /// Until when a server must not be asked for a mailbox, as it has told a poller, and until when the mailbox is parked. Null: not for
    /// this server; not for these sign-in settings.
    /// </summary>
    public async Task<(DateTimeOffset? Throttled, DateTimeOffset? Parked)> ReadAsync(
        string mailbox, string server, string? account, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        try
        {
            var values = await database.HashGetAsync(
                keys.Cursor(mailbox), ["until", "throttled", "throttled_by", "error", "parked", ParkedBy, ParkedUntil]);
            return (
                values[1] == "1" && values[2] == server ? MailboxInspector.Time(values[0]) : null,
                MailboxInspector.IsParked(values[3], values[4]) && account is not null && values[5] == account
                    ? MailboxInspector.Time(values[6])
                    : null);
        }
        catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.Refused)
        {
            // The key is damaged. The reader of the cursor says so.
            return default;
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

    /// <summary>The fields of a parking. Null: none.</summary>
    internal static RedisValue[] Parked(MailboxParking? parking) =>
        [ParkedBy, parking?.Account ?? "", ParkedUntil, parking?.Until.ToUnixTimeMilliseconds() ?? RedisValue.EmptyString];

    /// <summary>The fields of a wait: the server as well, since a mailbox that moves to another one need not wait. Null: none.</summary>
    internal static RedisValue[] Throttled(string? server) => ["throttled", server is null ? 0 : 1, "throttled_by", server ?? ""];
}
