using System.Globalization;
using System.Runtime.CompilerServices;
using EmailIngestion.Messages;
using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams.Dlq;

/// <summary>
/// Finds dead letters by a filter. With a fingerprint it reads only that group, by the index; otherwise it reads one dead letter after the
/// other inside Redis, which returns what filters ask for and no message.
/// </summary>
public sealed class DeadLetterSearch
{
    // The dead letters that a page reads before it ends, full or not, so that no request takes long.
    private const int MostReadForPage = 20_000;
    private const long MaxPageBytes = 4 * 1024 * 1024;

    // The limits of one script call. Redis serves no other client meanwhile.
    private const int ReadAtOnce = 500;
    private const int BytesAtOnce = 1024 * 1024;
    private const int FoundAtOnce = 20;

    private readonly StreamKeys _keys;
    private readonly RedisConnection _connection;
    private readonly DeadLetterStream _deadLetters;

    internal DeadLetterSearch(StreamKeys keys, RedisConnection connection, DeadLetterStream deadLetters)
    {
        _keys = keys;
        _connection = connection;
        _deadLetters = deadLetters;
    }

    /// <summary>
    /// Reads one page of dead letters, and the ID to continue after (null = no more). A page of large dead letters, or one for which many
    /// were read in vain, may have fewer than <paramref name="limit"/>.
    /// </summary>
    public async Task<(IReadOnlyList<DeadLetter> DeadLetters, string? After)> PageAsync(
        DeadLetterFilter filter, int limit, string? after, bool newest, CancellationToken cancellationToken)
    {
        var page = new List<DeadLetter>();
        long bytes = 0;
        var (from, to) = Range(filter, after, newest);
        var most = filter.IsExact ? Math.Min(ReadAtOnce, limit) : ReadAtOnce;
        for (var read = 0; from.Length > 0 && page.Count < limit && bytes < MaxPageBytes && read < MostReadForPage;)
        {
            var (rows, count, next) = await MatchAsync(filter, from, to, newest, most, cancellationToken);
            read += count;
            var (at, isFull) = (next, false);
            foreach (var chunk in rows.Chunk(FoundAtOnce))
            {
                foreach (var deadLetter in await Task.WhenAll(chunk.Select(row => _deadLetters.FindAsync(row.Id, cancellationToken))))
                {
                    // One that was deleted meanwhile is left out.
                    if (deadLetter is null || isFull)
                        continue;
                    page.Add(deadLetter);
                    bytes += SizeOf(deadLetter);
                    isFull = page.Count == limit || bytes >= MaxPageBytes;
                    if (isFull)
                        at = $"({deadLetter.Id}";
                }

                if (isFull)
                    break;
            }

            (from, to) = at.Length == 0 ? ("", to) : newest ? (from, at) : (at, to);
        }

        var end = newest ? to : from;
        return (page, from.Length == 0 ? null : end.TrimStart('('));
    }

    /// <summary>Walks over the dead letters that match, oldest first, in pages of a bounded size.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="after">The ID to begin after; null for the first.</param>
    /// <param name="until">The last ID that counts.</param>
    /// <param name="cancellationToken">Ends the walk.</param>
    internal async IAsyncEnumerable<DeadLetterRow> WalkAsync(
        DeadLetterFilter filter, string? after, string until, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var stretch in StretchesAsync(filter, after, until, cancellationToken))
        {
            foreach (var row in stretch.Rows)
                yield return row;
        }
    }

    /// <summary>Walks as <see cref="WalkAsync"/>, and also tells how far it has read where nothing matches.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="after">The ID to begin after; null for the first.</param>
    /// <param name="until">The last ID that counts.</param>
    /// <param name="cancellationToken">Ends the walk.</param>
    internal async IAsyncEnumerable<DeadLetterStretch> StretchesAsync(
        DeadLetterFilter filter, string? after, string until, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (from, to) = Range(filter, after, newest: false);
        to = EntryId.Earlier(to, until);
        while (from.Length > 0)
        {
            (var rows, var read, from) = await MatchAsync(filter, from, to, newest: false, ReadAtOnce, cancellationToken);
            yield return new DeadLetterStretch(rows, read, from.Length == 0 ? null : from.TrimStart('('));
        }
    }

    /// <summary>The newest dead letter's ID; null when there is none.</summary>
    internal async Task<string?> NewestAsync(CancellationToken cancellationToken)
    {
        var (rows, _, _) = await MatchAsync(DeadLetterFilter.All, "-", "+", newest: true, 1, cancellationToken);
        return rows is [var row, ..] ? row.Id : null;
    }

    private static (string From, string To) Range(DeadLetterFilter filter, string? after, bool newest)
    {
        var (from, to) = (filter.First, filter.Last);
        if (after is null)
            return (from, to);
        if (newest)
            return (from, EntryId.Earlier(to, after) == after ? EntryId.Before(after) : to);
        return (EntryId.Later(from, after) == after ? $"({after}" : from, to);
    }

    private async Task<(IReadOnlyList<DeadLetterRow> Rows, int Read, string Next)> MatchAsync(
        DeadLetterFilter filter, string from, string to, bool newest, int count, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var database = await _connection.DatabaseAsync(cancellationToken);
        var reply = await database.ScriptEvaluateAsync(
            Scripts.MatchDeadLetters,
            [_keys.DeadLetters],
            [
                from, to, newest ? 1 : 0, count, BytesAtOnce, ErrorTrace.MaxBytes, filter.Fingerprint ?? RedisValue.EmptyString,
                filter.Mailbox ?? RedisValue.EmptyString,
            ]);
        var rows = new List<DeadLetterRow>();
        for (var i = 0; i < reply[0].Length; i++)
        {
            var row = Row((RedisValue[])reply[0][i]!);
            if (filter.Matches(row))
                rows.Add(row);
        }

        return (rows, (int)reply[1], (string)reply[2]!);
    }

    private static DeadLetterRow Row(RedisValue[] values) => new(
        values[0]!, values[1]!, values[2]!, values[3]!, values[4]!, values[5]!, values[6]!,
        int.TryParse(values[7].ToString(), CultureInfo.InvariantCulture, out var replays) ? replays : 0);

    private static long SizeOf(DeadLetter deadLetter) =>
        512 + deadLetter.From.Length + deadLetter.Subject.Length + deadLetter.ErrorMessage.Length + (deadLetter.StackTrace?.Length ?? 0);
}
