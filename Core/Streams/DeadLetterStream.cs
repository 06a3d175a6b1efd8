using System.Globalization;
using EmailIngestion.Bodies;
using EmailIngestion.Messages;
using EmailIngestion.Redis;
using EmailIngestion.Streams.Dlq;
using EmailIngestion.Streams.Jobs;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>The dead letters of one partition.</summary>
public sealed class DeadLetterStream
{
    // The longest field that this product writes is a stack trace, which is returned whole. A field of a foreign entry may have megabytes.
    private const int MaxFieldBytes = ErrorTrace.MaxBytes;

    // The bytes that Redis reads for one call. One dead letter of an older version contains its message and may be larger.
    private const int ReadAtOnce = 1024 * 1024;

    private readonly StreamKeys _keys;
    private readonly RedisConnection _connection;
    private readonly IOptions<StreamOptions> _options;
    private readonly TimeProvider _time;
    private readonly GuardedBodies _bodies;

    internal DeadLetterStream(
        StreamKeys keys, RedisConnection connection, IOptions<StreamOptions> options, TimeProvider time, GuardedBodies bodies)
    {
        _bodies = bodies;
        _keys = keys;
        _connection = connection;
        _options = options;
        _time = time;
    }

    /// <summary>
    /// Moves the entry of a delivery to the dead letters with the reason. False: the consumer does not own the delivery any more, and
    /// nothing was written.
    /// </summary>
    internal async Task<bool> MoveAsync(Delivery delivery, string consumer, FailureRecord failure, CancellationToken cancellationToken)
    {
        var database = await _connection.DatabaseAsync(cancellationToken);
        var now = Now();
        var (note, mailbox) = (delivery.Note(failure.NoteOutcome), delivery.Message?.Mailbox ?? "");
        List<RedisValue> arguments =
            [StreamKeys.Group, consumer, delivery.EntryId, delivery.DeliveryCount, now, note ?? "", mailbox, MailboxNotes.Most];
        EntryCodec.Add(arguments, EntryFields.Entry, delivery.EntryId);
        Describe(failure, now, delivery.DeliveryCount, consumer, arguments);
        RedisKey[] keys = [_keys.Stream, _keys.DeadLetters, _keys.Vanished, _keys.Postponed, _keys.Bodies.Referers];
        var reply = await database.ScriptEvaluateAsync(
            Scripts.DeadLetter, note is null ? keys : [.. keys, _keys.Notes(mailbox), _keys.NotesUnmade], [.. arguments]);
        return (int)reply[0] != 0;
    }

    /// <summary>Finds dead letters by a filter.</summary>
    public DeadLetterSearch Search => field ??= new DeadLetterSearch(_keys, _connection, this);

    /// <summary>Lists dead letters, oldest first, after the given ID.</summary>
    internal async Task<IReadOnlyList<DeadLetter>> ListAsync(
        int limit, string? after, string? mailbox, string? fingerprint, CancellationToken cancellationToken) =>
        (await PageAsync(limit, after, mailbox, fingerprint, cancellationToken)).DeadLetters;

    /// <summary>Reads one page of dead letters, oldest first, and the ID to continue after (null = no more).</summary>
    public Task<(IReadOnlyList<DeadLetter> DeadLetters, string? After)> PageAsync(
        int limit, string? after, string? mailbox, string? fingerprint, CancellationToken cancellationToken) =>
        Search.PageAsync(
            new DeadLetterFilter { Mailbox = mailbox, Fingerprint = fingerprint }, limit, after, newest: false, cancellationToken);

    /// <summary>Finds the dead letter with this ID. Null when there is none.</summary>
    public async Task<DeadLetter?> FindAsync(string id, CancellationToken cancellationToken) =>
        await ReadAsync(id, id, 1, cancellationToken) is ([var entry], _) ? DeadLetterReply.Read(entry) : null;

    /// <summary>
    /// Reads the raw message of a dead letter; of an oversize one, its headers. Null when there is no such dead letter, and when its body
    /// is gone.
    /// </summary>
    public async Task<ReadOnlyMemory<byte>?> FindRawAsync(string id, CancellationToken cancellationToken)
    {
        var database = await _connection.DatabaseAsync(cancellationToken);
        if (await database.StringGetAsync(_keys.DeadLetterBody(id)) is { IsNull: false } body)
            return (ReadOnlyMemory<byte>)body;
        // A dead letter of an older version has its message among its fields. Some have no message.
        // Two statements, not one conditional expression: its null would become a null array, which converts to an empty message.
        if (await database.StreamRangeAsync(_keys.DeadLetters, id, id, 1) is not [var entry])
            return null;
        if (EntryCodec.ReferenceOf(entry.Values) is not { } reference)
            return (ReadOnlyMemory<byte>)entry[EntryFields.Raw];
        try
        {
            return await _bodies.ReadAsync(reference, cancellationToken);
        }
        catch (BodyStoreException e) when (e.Failure == BodyFailure.Missing)
        {
            return null;
        }
    }

    /// <summary>Moves a dead letter back to the stream. Returns the new entry's ID when it was replayed.</summary>
    public Task<(ReplayResult Result, string? Entry)> ReplayAsync(string id, string who, CancellationToken cancellationToken) =>
        ReplayAsync(id, who, step: null, cancellationToken);

    /// <summary>The same, as a step of a job: the job's progress takes the place of an entry in the audit.</summary>
    internal async Task<(ReplayResult Result, string? Entry)> ReplayAsync(
        string id, string who, JobStep? step, CancellationToken cancellationToken)
    {
        var database = await _connection.DatabaseAsync(cancellationToken);
        var reply = await TryReplayAsync();
        if ((string?)reply[0] == "full")
        {
            // While the lag is unknown, settled entries count as outstanding. They are cleared, so that they do not prevent the replay.
            await new SettledEntries(_keys, _connection).ClearAsync(0, cancellationToken);
            reply = await TryReplayAsync();
        }

        return (string?)reply[0] switch
        {
            "replayed" => (ReplayResult.Replayed, (string?)reply[1]),
            "full" => (ReplayResult.Full, null),
            "bodiless" => (ReplayResult.Bodiless, null),
            "stopped" => (ReplayResult.Stopped, null),
            "repeated" => (ReplayResult.Repeated, null),
            _ => (ReplayResult.Missing, null),
        };

        Task<RedisResult> TryReplayAsync() => database.ScriptEvaluateAsync(
            Scripts.Replay,
            [
                _keys.Stream, _keys.DeadLetters, _keys.Audit, _keys.NewestLarge, _keys.Bodies.Referers, _keys.Bodies.Released,
                _keys.DeadLetterBody(id), .. KeysOf(step),
            ],
            [
                id, _options.Value.MaxStreamLength, who, Now(), AuditLog.Length, step?.Holder ?? "", step?.Skipped ?? 0,
                step?.Position ?? "", .. EntryFields.OnlyInDeadLetters,
            ]);
    }

    /// <summary>Deletes a dead letter. False: there is none.</summary>
    public async Task<bool> DeleteAsync(string id, string who, CancellationToken cancellationToken) =>
        await RunDeleteAsync(id, who, step: null, cancellationToken) == 1;

    /// <summary>The same, as a step of a job.</summary>
    internal async Task<StepResult> DeleteAsync(string id, string who, JobStep step, CancellationToken cancellationToken) =>
        await RunDeleteAsync(id, who, step, cancellationToken) switch
        {
            0 => StepResult.Missing,
            -1 => StepResult.Stopped,
            _ => StepResult.Done,
        };

    /// <summary>Adds the fields that describe a failure. Consumers and pollers write the same fields.</summary>
    internal static void Describe(FailureRecord failure, string at, int deliveryCount, string consumer, List<RedisValue> arguments)
    {
        EntryCodec.Add(arguments, EntryFields.Reason, failure.Reason);
        EntryCodec.Add(arguments, EntryFields.ErrorType, failure.ErrorType);
        EntryCodec.Add(arguments, EntryFields.ErrorMessage, failure.ErrorMessage);
        // Also when it is empty. Otherwise a field of this name in a foreign entry would count as the stack trace.
        EntryCodec.Add(arguments, EntryFields.StackTrace, failure.StackTrace);
        EntryCodec.Add(arguments, EntryFields.Fingerprint, failure.Fingerprint);
        EntryCodec.Add(arguments, EntryFields.Deliveries, deliveryCount);
        EntryCodec.Add(arguments, EntryFields.ConsumerName, consumer);
        EntryCodec.Add(arguments, EntryFields.LastFailure, at);
    }

    private async Task<(StreamEntry[] Entries, string Next)> ReadAsync(
        string from, string to, int count, CancellationToken cancellationToken)
    {
        var database = await _connection.DatabaseAsync(cancellationToken);
        var reply = await database.ScriptEvaluateAsync(
            Scripts.DeadLetters, [_keys.DeadLetters], [from, to, count, MaxFieldBytes, ReadAtOnce]);
        var entries = new StreamEntry[reply[0].Length];
        for (var i = 0; i < entries.Length; i++)
            entries[i] = new StreamEntry((RedisValue)reply[0][i][0], EntryCodec.ReadFields(reply[0][i][1]));
        return (entries, (string)reply[1]!);
    }

    private async Task<int> RunDeleteAsync(string id, string who, JobStep? step, CancellationToken cancellationToken)
    {
        RedisValue[] ofJob = step is null ? [] : [step.Holder, step.Skipped, step.Position];
        var database = await _connection.DatabaseAsync(cancellationToken);
        return (int)await database.ScriptEvaluateAsync(
            Scripts.DeleteDeadLetter,
            [
                _keys.DeadLetters, _keys.Audit, _keys.Bodies.Referers, _keys.Bodies.Released, _keys.DeadLetterBody(id), .. KeysOf(step),
            ],
            [id, who, Now(), AuditLog.Length, .. ofJob]);
    }

    private RedisKey[] KeysOf(JobStep? step) => step is null ? [] : [_keys.Job(step.Job), _keys.JobLock(step.Lane)];

    private string Now() => _time.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
