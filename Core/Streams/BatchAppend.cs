using System.Globalization;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>One append of a mailbox: by a transaction, which handles the usual case, or by the script, which handles every case.</summary>
internal sealed class BatchAppend(
    StreamKeys keys, string mailbox, MailboxCursor cursor, TimeSpan contentWindow, long streamLimit, DateTimeOffset now)
{
    private const int CountedAtOnce = 20;
    private const int MostAttempts = 3;

    private readonly DateOnly _today = DateOnly.FromDateTime(now.UtcDateTime);

    // SEARCH SINCE has no time of day and no time zone, so it may reach back further than the window. A day's digests are kept for those
    // days too.
    private readonly TimeSpan _life = contentWindow > TimeSpan.Zero ? contentWindow + TimeSpan.FromDays(3) : TimeSpan.Zero;

    // Earlier epochs matter only while the server can still list emails that they appended.
    private bool AsksEarlierEpochs => cursor.Epoch > 0 && now - cursor.Since < _life;

    /// <summary>False: nothing was appended.</summary>
    public Task<bool> TryTransactionAsync(IDatabase database, uint follows, IReadOnlyList<AppendItem> items) =>
        !AsksEarlierEpochs && cursor.Backfill is null && AppendTransaction.Fits(follows, items)
            ? new AppendTransaction(
                keys.Stream,
                keys.Cursor(mailbox),
                keys.DigestLog(mailbox, _today),
                keys.NewestLarge,
                cursor.Epoch,
                streamLimit,
                (long)_life.TotalSeconds).TryAsync(database, follows, items)
            : Task.FromResult(false);

    /// <summary>Appends by the script. The bodies that go to Redis are written just before it, in one transaction with it.</summary>
    /// <param name="database">The connection.</param>
    /// <param name="follows">The UID after which the batch begins.</param>
    /// <param name="items">The batch.</param>
    /// <param name="transactions">Whether the user may run transactions. Without them the bodies are written first.</param>
    public async Task<AppendResult> RunScriptAsync(
        IDatabase database, uint follows, IReadOnlyList<AppendItem> items, bool transactions)
    {
        var step = new ScriptedAppend(keys, Keys(), Arguments(follows, items), items);
        for (var attempt = 1; ; attempt++)
        {
            var reply = await step.RunAsync(database, transactions);
            var status = (string?)reply[0];
            // Without transactions, a settle of the same email may delete the body before the script runs.
            if (status == "bodiless" && attempt == MostAttempts)
                throw new BodilessException($"{keys.Stream}");
            if (status is not ("uncounted" or "bodiless"))
            {
                return new AppendResult(
                    status switch { "ok" => AppendStatus.Complete, "full" => AppendStatus.Full, _ => AppendStatus.Moved },
                    (uint)Math.Max(0, (long)reply[1]),
                    (int)reply[2],
                    (int)reply[3],
                    (int)reply[4]);
            }

            if (status == "uncounted")
                await CountDigestsAsync(database);
        }
    }

    // In small steps, so that Redis serves others between them.
    private async Task CountDigestsAsync(IDatabase database)
    {
        foreach (var day in Days)
        {
            RedisKey[] dayKeys = [keys.DigestLog(mailbox, day), keys.Digests(mailbox, day)];
            while ((long)await database.ScriptEvaluateAsync(Scripts.Digests, dayKeys, [CountedAtOnce]) > 0)
            {
            }
        }
    }

    private IEnumerable<DateOnly> Days => Enumerable.Range(0, _life.Days + 1).Select(back => _today.AddDays(-back));

    private RedisKey[] Keys() =>
    [
        keys.Stream,
        keys.DeadLetters,
        keys.Cursor(mailbox),
        .. (AsksEarlierEpochs ? Days : [_today]).Select(day => keys.Digests(mailbox, day)),
        .. (AsksEarlierEpochs ? Days : []).Select(day => keys.DigestLog(mailbox, day)),
        keys.Notes(mailbox),
        keys.NotesUnmade,
        keys.NewestLarge,
        keys.Bodies.Referers,
    ];

    private RedisValue[] Arguments(uint follows, IReadOnlyList<AppendItem> items)
    {
        var failed = items.FirstOrDefault(item => item.Failure is not null);
        var arguments = new List<RedisValue>(10 + (items.Count * 28))
        {
            cursor.Epoch,
            follows,
            streamLimit,
            (long)_life.TotalSeconds,
            AsksEarlierEpochs ? Days.Count() : 0,
            cursor.Backfill ?? RedisValue.EmptyString,
            items.Count,
            // Its message is not in the dead letter.
            failed?.Notes?.Prefix(NoteOutcome.DeadLetterWithoutMessage, failed.Message) ?? "",
            mailbox,
            MailboxNotes.Most,
        };
        foreach (var item in items)
            Encode(item, arguments);
        return [.. arguments];
    }

    private void Encode(AppendItem item, List<RedisValue> arguments)
    {
        arguments.Add(item.Message.Uid);
        arguments.Add(item.Failure is not null ? "d" : item.Body is not null ? "r" : "e");
        arguments.Add(item.Digest);
        var count = arguments.Count;
        arguments.Add(0);
        foreach (var field in EntryCodec.Encode(item.Message, item.Body, item.Notes))
            EntryCodec.Add(arguments, field.Name, field.Value);
        if (item.Failure is { } failure)
        {
            var at = now.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
            EntryCodec.Add(arguments, EntryFields.Body, item.Message.Raw.IsEmpty ? "none" : "headers");
            EntryCodec.Add(arguments, EntryFields.FirstFailure, at);
            EntryCodec.Add(arguments, EntryFields.Replays, 0);
            DeadLetterStream.Describe(failure, at, deliveryCount: 0, consumer: "", arguments);
        }

        arguments[count] = arguments.Count - count - 1;
    }
}
