using System.Globalization;
using EmailIngestion.Messages;
using EmailIngestion.Redis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>The dead letters of one partition.</summary>
public sealed class DeadLetterStream
{
    /// <summary>The most dead letters of one page.</summary>
    public const int MaxPage = 1_000;

    private const int AuditLength = 10_000;
    private const int ScanPage = 100;

    // The longest that we write, a stack trace, is whole; a stranger's may be megabytes.
    private const int MaxFieldBytes = ErrorTrace.MaxBytes;

    // What Redis reads for one call, unless one letter of a former version, with its message in it, is larger.
    private const int ReadAtOnce = 1024 * 1024;

    // What a page holds at most.
    private const int MaxPageBytes = 4 * 1024 * 1024;

    private readonly StreamKeys _keys;
    private readonly RedisConnection _connection;
    private readonly IOptions<StreamOptions> _options;
    private readonly TimeProvider _time;

    internal DeadLetterStream(StreamKeys keys, RedisConnection connection, IOptions<StreamOptions> options, TimeProvider time)
    {
        _keys = keys;
        _connection = connection;
        _options = options;
        _time = time;
    }

    /// <summary>Buries a delivery, the whole entry with why. False: it is not ours any more, and nothing was written.</summary>
    internal async Task<bool> MoveAsync(Delivery delivery, string consumer, FailureRecord failure, CancellationToken cancellationToken)
    {
        var database = await _connection.DatabaseAsync(cancellationToken);
        var now = Now();
        var arguments = new List<RedisValue> { StreamKeys.Group, consumer, delivery.EntryId, delivery.DeliveryCount, now };
        EntryCodec.Add(arguments, EntryFields.Entry, delivery.EntryId);
        Describe(failure, now, delivery.DeliveryCount, consumer, arguments);
        var reply = await database.ScriptEvaluateAsync(
            Scripts.DeadLetter, [_keys.Stream, _keys.DeadLetters, _keys.Vanished, _keys.Postponed], [.. arguments]);
        return (int)reply[0] != 0;
    }

    /// <summary>Letters in the order in which they came, after the given one. Filters read on until the page is full.</summary>
    internal async Task<IReadOnlyList<DeadLetter>> ListAsync(
        int limit, string? after, string? mailbox, string? fingerprint, CancellationToken cancellationToken) =>
        (await PageAsync(limit, after, mailbox, fingerprint, cancellationToken)).DeadLetters;

    /// <summary>The same with where the next page begins; a page of large letters ends before it has <paramref name="limit"/> of them.</summary>
    public async Task<(IReadOnlyList<DeadLetter> DeadLetters, string? After)> PageAsync(
        int limit, string? after, string? mailbox, string? fingerprint, CancellationToken cancellationToken)
    {
        var letters = new List<DeadLetter>();
        long bytes = 0;
        var from = after is null ? "-" : $"({after}";
        while (from.Length > 0 && letters.Count < limit && bytes < MaxPageBytes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = mailbox is null && fingerprint is null ? Math.Min(ScanPage, limit - letters.Count) : ScanPage;
            (var page, from) = await ReadAsync(from, "+", count, cancellationToken);
            foreach (var entry in page)
            {
                var letter = Read(entry);
                if ((mailbox is not null && letter.Mailbox != mailbox) || (fingerprint is not null && letter.Fingerprint != fingerprint))
                    continue;
                letters.Add(letter);
                bytes += entry.Values.Sum(field => field.Value.Length());
                if (letters.Count == limit)
                    break;
            }
        }

        return (letters, letters.Count == limit || from.Length > 0 ? letters[^1].Id : null);
    }

    /// <summary>The dead letter with this id; null when there is none.</summary>
    public async Task<DeadLetter?> FindAsync(string id, CancellationToken cancellationToken) =>
        await ReadAsync(id, id, 1, cancellationToken) is ([var entry], _) ? Read(entry) : null;

    /// <summary>The raw message of a letter; null when there is no such letter. Of an oversize one, its headers.</summary>
    public async Task<ReadOnlyMemory<byte>?> FindRawAsync(string id, CancellationToken cancellationToken)
    {
        var database = await _connection.DatabaseAsync(cancellationToken);
        if (await database.StringGetAsync(_keys.DeadLetterBody(id)) is { IsNull: false } body)
            return (ReadOnlyMemory<byte>)body;
        // A letter of a former version has its message among its fields; of some nothing was fetched.
        // Not as one conditional expression: its null would be taken for a null array, which converts to an empty message.
        if (await database.StreamRangeAsync(_keys.DeadLetters, id, id, 1) is not [var entry])
            return null;
        return (ReadOnlyMemory<byte>)entry[EntryFields.Raw];
    }

    /// <summary>Moves a letter back to the stream.</summary>
    public async Task<(ReplayResult Result, string? Entry)> ReplayAsync(string id, string who, CancellationToken cancellationToken)
    {
        var database = await _connection.DatabaseAsync(cancellationToken);
        var reply = await TryReplayAsync();
        if ((string?)reply[0] == "full")
        {
            // While the lag is unknown, settled entries count too: they are no reason to refuse.
            await new SettledEntries(_keys, _connection).ClearAsync(0, cancellationToken);
            reply = await TryReplayAsync();
        }

        return (string?)reply[0] switch
        {
            "replayed" => (ReplayResult.Replayed, (string?)reply[1]),
            "full" => (ReplayResult.Full, null),
            "bodiless" => (ReplayResult.Bodiless, null),
            _ => (ReplayResult.Missing, null),
        };

        Task<RedisResult> TryReplayAsync() => database.ScriptEvaluateAsync(
            Scripts.Replay,
            [_keys.Stream, _keys.DeadLetters, _keys.Audit, _keys.NewestLarge],
            [id, _options.Value.MaxStreamLength, who, Now(), AuditLength, .. EntryFields.OnlyInDeadLetters]);
    }

    /// <summary>Deletes a letter. False: there is none.</summary>
    public async Task<bool> DeleteAsync(string id, string who, CancellationToken cancellationToken)
    {
        var database = await _connection.DatabaseAsync(cancellationToken);
        return (int)await database.ScriptEvaluateAsync(
            Scripts.DeleteDeadLetter, [_keys.DeadLetters, _keys.Audit], [id, who, Now(), AuditLength]) == 1;
    }

    /// <summary>Adds what a burial says of a failure, the same for a consumer's and a poller's.</summary>
    internal static void Describe(FailureRecord failure, string at, int deliveries, string consumer, List<RedisValue> arguments)
    {
        EntryCodec.Add(arguments, EntryFields.Reason, failure.Reason);
        EntryCodec.Add(arguments, EntryFields.ErrorType, failure.ErrorType);
        EntryCodec.Add(arguments, EntryFields.ErrorMessage, failure.ErrorMessage);
        // Also when it is empty: a stranger's field of this name would be taken for ours.
        EntryCodec.Add(arguments, EntryFields.StackTrace, failure.StackTrace);
        EntryCodec.Add(arguments, EntryFields.Fingerprint, failure.Fingerprint);
        EntryCodec.Add(arguments, EntryFields.Deliveries, deliveries);
        EntryCodec.Add(arguments, EntryFields.ConsumerName, consumer);
        EntryCodec.Add(arguments, EntryFields.LastFailure, at);
    }

    private async Task<(StreamEntry[] DeadLetters, string Next)> ReadAsync(string from, string to, int count, CancellationToken cancellationToken)
    {
        var database = await _connection.DatabaseAsync(cancellationToken);
        var reply = await database.ScriptEvaluateAsync(Scripts.DeadLetters, [_keys.DeadLetters], [from, to, count, MaxFieldBytes, ReadAtOnce]);
        var letters = reply[0];
        return (
            [.. Enumerable.Range(0, letters.Length).Select(i => new StreamEntry((RedisValue)letters[i][0], EntryCodec.ReadFields(letters[i][1])))],
            (string)reply[1]!);
    }

    private string Now() => _time.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private static DeadLetter Read(StreamEntry entry)
    {
        string Text(RedisValue name) => entry[name].IsNull ? "" : entry[name].ToString();
        uint? Number(RedisValue name) => uint.TryParse(Text(name), CultureInfo.InvariantCulture, out var number) ? number : null;

        return new DeadLetter
        {
            Id = entry.Id.ToString(),
            EmailId = EmailId.TryRead((byte[]?)entry[EntryFields.Id], out var id) ? id.ToString() : "",
            Mailbox = Text(EntryFields.Mailbox),
            UidValidity = Number(EntryFields.UidValidity),
            Uid = Number(EntryFields.Uid),
            MessageId = Text(EntryFields.MessageId),
            From = Text(EntryFields.From),
            Subject = Text(EntryFields.Subject),
            Date = Text(EntryFields.Date),
            Size = long.TryParse(Text(EntryFields.Size), CultureInfo.InvariantCulture, out var size) ? size : null,
            // The message lies beside the letter; it is whole all the same.
            Body = Text(EntryFields.Body) is "apart" ? "whole" : Text(EntryFields.Body),
            EntryId = Text(EntryFields.Entry),
            Reason = Text(EntryFields.Reason),
            ErrorType = Text(EntryFields.ErrorType),
            ErrorMessage = Text(EntryFields.ErrorMessage),
            StackTrace = Text(EntryFields.StackTrace) is { Length: > 0 } trace ? trace : null,
            Fingerprint = Text(EntryFields.Fingerprint),
            DeliveryCount = (int)(Number(EntryFields.Deliveries) ?? 0),
            Consumer = Text(EntryFields.ConsumerName),
            FirstFailure = Text(EntryFields.FirstFailure),
            LastFailure = Text(EntryFields.LastFailure),
            Replays = (int)(Number(EntryFields.Replays) ?? 0),
            TraceParent = entry[EntryFields.TraceParent].IsNull ? null : Text(EntryFields.TraceParent),
        };
    }
}
