using System.Globalization;
using EmailIngestion.Messages;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>The dead letters of one partition.</summary>
internal sealed class DeadLetterStream(StreamKeys keys, RedisConnection connection, IOptions<StreamOptions> options, TimeProvider time)
{
    public const int MaxPage = 1_000;

    private const int AuditLength = 10_000;
    private const int ScanPage = 100;

    public StreamKeys Keys => keys;

    /// <summary>Buries a delivery, the whole entry with why. False: it is not ours any more, and nothing was written.</summary>
    public async Task<bool> BuryAsync(Delivery delivery, string consumer, FailureRecord failure, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var now = Now();
        var arguments = new List<RedisValue> { StreamKeys.Group, consumer, delivery.Entry, delivery.Number, now };
        EntryCodec.Add(arguments, EntryFields.Body, "whole");
        EntryCodec.Add(arguments, EntryFields.Entry, delivery.Entry);
        Describe(failure, now, delivery.Number, consumer, arguments);
        var reply = await database.ScriptEvaluateAsync(Scripts.Bury, [keys.Stream, keys.DeadLetters, keys.Vanished], [.. arguments]);
        return (int)reply[0] != 0;
    }

    /// <summary>Letters in the order of burial, after the given one. Filters read on until the page is full.</summary>
    public async Task<IReadOnlyList<DeadLetter>> ListAsync(
        int limit, string? after, string? mailbox, string? fingerprint, CancellationToken cancellationToken)
    {
        var result = new List<DeadLetter>();
        var from = after is null ? "-" : $"({after}";
        while (result.Count < limit)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = mailbox is null && fingerprint is null ? Math.Min(ScanPage, limit - result.Count) : ScanPage;
            var page = await ReadAsync(from, "+", count, cancellationToken);
            result.AddRange(page.Select(Read)
                .Where(letter => mailbox is null || letter.Mailbox == mailbox)
                .Where(letter => fingerprint is null || letter.Fingerprint == fingerprint)
                .Take(limit - result.Count));
            if (page.Length < count)
                break;
            from = $"({page[^1].Id}";
        }

        return result;
    }

    public async Task<DeadLetter?> FindAsync(string id, CancellationToken cancellationToken) =>
        await ReadAsync(id, id, 1, cancellationToken) is [var entry] ? Read(entry) : null;

    /// <summary>The raw message of a letter; null when there is no such letter. Of an oversize one, its headers.</summary>
    public async Task<ReadOnlyMemory<byte>?> FindRawAsync(string id, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        // Not as one conditional expression: its null would be taken for a null array, which converts to an empty message.
        if (await database.StreamRangeAsync(keys.DeadLetters, id, id, 1) is not [var entry])
            return null;
        return (ReadOnlyMemory<byte>)entry[EntryFields.Raw];
    }

    /// <summary>Moves a letter back to the stream.</summary>
    public async Task<(ReplayResult Result, string? Entry)> ReplayAsync(string id, string who, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var reply = await TryReplayAsync();
        if ((string?)reply[0] == "full")
        {
            // While the lag is unknown, settled entries count too: they are no reason to refuse.
            await new SettledEntries(keys, connection).ClearAsync(0, cancellationToken);
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
            [keys.Stream, keys.DeadLetters, keys.Audit, keys.NewestLarge],
            [id, options.Value.MaxStreamLength, who, Now(), AuditLength, .. EntryFields.OnlyInDeadLetters]);
    }

    /// <summary>Deletes a letter. False: there is none.</summary>
    public async Task<bool> DeleteAsync(string id, string who, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return (int)await database.ScriptEvaluateAsync(
            Scripts.Delete, [keys.DeadLetters, keys.Audit], [id, who, Now(), AuditLength]) == 1;
    }

    /// <summary>Adds what a burial says of a failure, the same for a consumer's and a poller's.</summary>
    internal static void Describe(FailureRecord failure, string at, int deliveries, string consumer, List<RedisValue> arguments)
    {
        EntryCodec.Add(arguments, EntryFields.Reason, failure.Reason);
        EntryCodec.Add(arguments, EntryFields.ErrorType, failure.ErrorType);
        EntryCodec.Add(arguments, EntryFields.ErrorMessage, failure.ErrorMessage);
        EntryCodec.Add(arguments, EntryFields.Fingerprint, failure.Fingerprint);
        EntryCodec.Add(arguments, EntryFields.Deliveries, deliveries);
        EntryCodec.Add(arguments, EntryFields.ConsumerName, consumer);
        EntryCodec.Add(arguments, EntryFields.LastFailure, at);
    }

    private async Task<StreamEntry[]> ReadAsync(string from, string to, int count, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var reply = await database.ScriptEvaluateAsync(Scripts.Letters, [keys.DeadLetters], [from, to, count]);
        // As they stand: a stranger's entry may have a name twice, and the first is the record's.
        return [.. Enumerable.Range(0, reply.Length).Select(i => new StreamEntry((RedisValue)reply[i][0], EntryCodec.ReadFields(reply[i][1])))];
    }

    private string Now() => time.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

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
            Body = Text(EntryFields.Body),
            Entry = Text(EntryFields.Entry),
            Reason = Text(EntryFields.Reason),
            ErrorType = Text(EntryFields.ErrorType),
            ErrorMessage = Text(EntryFields.ErrorMessage),
            Fingerprint = Text(EntryFields.Fingerprint),
            Deliveries = (int)(Number(EntryFields.Deliveries) ?? 0),
            Consumer = Text(EntryFields.ConsumerName),
            FirstFailure = Text(EntryFields.FirstFailure),
            LastFailure = Text(EntryFields.LastFailure),
            Replays = (int)(Number(EntryFields.Replays) ?? 0),
            TraceParent = entry[EntryFields.TraceParent].IsNull ? null : Text(EntryFields.TraceParent),
        };
    }
}

internal enum ReplayResult
{
    Replayed,

    /// <summary>There is no such letter (any more).</summary>
    Missing,

    /// <summary>Outstanding work is at the stream limit.</summary>
    Full,

    /// <summary>The message was never fetched, so there is nothing to process.</summary>
    Bodiless,
}
