using System.Globalization;
using EmailIngestion.Messages;
using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>
/// The audit of one partition: every change that a person made, about the last 10,000. Scripts that change something write their entry in
/// the same step (audit.lua); <see cref="WriteAsync"/> writes one for a change that has no script.
/// </summary>
public sealed class AuditLog
{
    /// <summary>About how many entries are kept.</summary>
    public const int Length = 10_000;

    private const int MaxText = 500;
    private const int MaxFilter = 16 * 1024;

    private readonly StreamKeys _keys;
    private readonly RedisConnection _connection;
    private readonly TimeProvider _time;

    internal AuditLog(StreamKeys keys, RedisConnection connection, TimeProvider time)
    {
        _keys = keys;
        _connection = connection;
        _time = time;
    }

    /// <summary>Adds an entry.</summary>
    public async Task WriteAsync(AuditRecord record, CancellationToken cancellationToken)
    {
        var database = await _connection.DatabaseAsync(cancellationToken);
        await database.ScriptEvaluateAsync(Scripts.WriteAudit, [_keys.Audit], [Length, .. Fields(record, _time)]);
    }

    /// <summary>Reads one page, newest first, and the ID to continue at older ones (null = no more).</summary>
    public async Task<(IReadOnlyList<AuditEntry> Entries, string? After)> ListAsync(
        int limit, string? after, CancellationToken cancellationToken)
    {
        var database = await _connection.DatabaseAsync(cancellationToken);
        var entries = await database.StreamRangeAsync(
            _keys.Audit, maxId: after is null ? "+" : EntryId.Before(after), count: limit + 1, messageOrder: Order.Descending);
        return ([.. entries.Take(limit).Select(Read)], entries.Length > limit ? entries[limit - 1].Id.ToString() : null);
    }

    /// <summary>The names and values of an entry, for a script that writes it.</summary>
    internal static RedisValue[] Fields(AuditRecord record, TimeProvider time)
    {
        var fields = new List<RedisValue>
        {
            "at", time.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            "who", Line(record.Who),
            "what", record.Action,
            "target", Line(record.Target),
        };
        if (record.Filter is { } filter)
            fields.AddRange(["filter", filter]);
        fields.AddRange(["count", record.Count, "outcome", Line(record.Outcome)]);
        return [.. fields];
    }

    /// <summary>A text as an entry has it: one line of a bounded length.</summary>
    internal static string Line(string text) => BoundedText.Line(text, MaxText);

    // An entry of an older version has the dead letter in a field of its own, and no outcome: it was written with the effect.
    private static AuditEntry Read(StreamEntry entry)
    {
        string Text(string name) => entry[name].IsNull ? "" : BoundedText.Line(entry[name].ToString(), MaxFilter);

        var filter = Text("filter");
        return new AuditEntry(
            entry.Id.ToString(),
            Text("at"),
            Text("who"),
            Text("what"),
            Text("target") is { Length: > 0 } target ? target : Text("letter"),
            filter.Length == 0 ? null : filter,
            long.TryParse(Text("count"), CultureInfo.InvariantCulture, out var count) ? count : 1,
            Text("outcome") is { Length: > 0 } outcome ? outcome : "done");
    }
}
