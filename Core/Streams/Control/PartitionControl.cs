using System.Globalization;
using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams.Control;

/// <summary>
/// What the processes of one partition obey at run time: pauses, concurrency and requests. Redis keeps it; <see cref="ControlWatch"/> reads
/// it once a second. While Redis is away the last known state holds.
/// </summary>
internal sealed class PartitionControl(StreamKeys keys, RedisConnection connection, TimeProvider time)
{
    private const int PageSize = 1_000;

    private ControlState _current = ControlState.Initial;

    /// <summary>Raised after each read with the state, also if it is the same as before.</summary>
    public event Action<ControlState>? Updated;

    /// <summary>The state that was last read.</summary>
    public ControlState Current => Volatile.Read(ref _current);

    /// <summary>Reads the state, and makes it the current one.</summary>
    public async Task<ControlState> ReadAsync(CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var fields = new List<HashEntry>();
        // HSCAN, since users of earlier versions may run it and not HGETALL. It is one round trip.
        await foreach (var field in database.HashScanAsync(keys.Control, pageSize: PageSize).WithCancellation(cancellationToken))
            fields.Add(field);
        var state = ControlState.Read(fields);
        Volatile.Write(ref _current, state);
        Updated?.Invoke(state);
        return state;
    }

    /// <summary>Pauses what a field names.</summary>
    public Task PauseAsync(string field, string who, string? reason, CancellationToken cancellationToken) =>
        ChangeAsync(who, "pause", field, (field, Value(who) with { Reason = reason }), cancellationToken);

    /// <summary>Ends the pause of what a field names. False: it was not paused.</summary>
    public Task<bool> ResumeAsync(string field, string who, CancellationToken cancellationToken) =>
        ChangeAsync(who, "resume", field, (field, null), cancellationToken);

    /// <summary>Sets the concurrency of each consumer; null for the setting.</summary>
    public Task SetConcurrencyAsync(int? concurrency, string who, CancellationToken cancellationToken) => ChangeAsync(
        who,
        "concurrency",
        concurrency?.ToString(CultureInfo.InvariantCulture) ?? "setting",
        (ControlState.ConcurrencyField, concurrency is null ? null : Value(who) with { Number = concurrency }),
        cancellationToken);

    /// <summary>Requests a poll of a mailbox.</summary>
    public Task RequestPollAsync(string mailbox, string who, CancellationToken cancellationToken) =>
        RequestAsync(ControlState.PollPrefix, "poll-now", mailbox, who, cancellationToken);

    /// <summary>Requests that every process ends the parking of a mailbox.</summary>
    public Task RequestUnparkAsync(string mailbox, string who, CancellationToken cancellationToken) =>
        RequestAsync(ControlState.UnparkPrefix, "unpark", mailbox, who, cancellationToken);

    /// <summary>Removes a request for a poll that was served, unless somebody has repeated it.</summary>
    public async Task TakePollAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        await database.ScriptEvaluateAsync(Scripts.TakeRequest, [keys.Control], [ControlState.PollPrefix + request.Mailbox, request.Value]);
    }

    private Task<bool> RequestAsync(string prefix, string action, string mailbox, string who, CancellationToken cancellationToken) =>
        ChangeAsync(
            who, action, mailbox, (prefix + mailbox, Value(who) with { Nonce = Guid.NewGuid().ToString("N") }), cancellationToken);

    private async Task<bool> ChangeAsync(
        string who, string action, string target, (string Field, ControlValue? Value) change, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var now = time.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        var reply = await database.ScriptEvaluateAsync(
            Scripts.Control,
            [keys.Control, keys.Audit],
            [who, action, target, now, AuditLog.Length, Outcome(change.Value), change.Field, change.Value?.Write() ?? ""]);
        await ReadAsync(cancellationToken);
        return (int)reply == 1;
    }

    private static string Outcome(ControlValue? change) =>
        change?.Reason is { Length: > 0 } reason ? $"done: {AuditLog.Line(reason)}" : "done";

    private ControlValue Value(string who) => new(time.GetUtcNow().ToUnixTimeMilliseconds(), who);
}
