using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams.Dlq;

/// <summary>Lists the dead letters of one partition by fingerprint, from the index. It reads one dead letter of each group.</summary>
public sealed class DeadLetterGroups
{
    private const int ReadAtOnce = 50;
    private const int MostMailboxes = 20;

    private readonly StreamKeys _keys;
    private readonly RedisConnection _connection;
    private readonly DeadLetterStream _deadLetters;

    internal DeadLetterGroups(StreamKeys keys, RedisConnection connection, DeadLetterStream deadLetters)
    {
        _keys = keys;
        _connection = connection;
        _deadLetters = deadLetters;
    }

    /// <summary>Whether the text is a place to continue at, as a page returns it.</summary>
    public static bool IsPlace(string text) => Parse(text) is not null;

    /// <summary>Reads one page of groups, the largest first.</summary>
    /// <param name="limit">The most groups of the page.</param>
    /// <param name="after">What the page before has returned; null for the first page.</param>
    /// <param name="mailbox">Only groups with this mailbox. They are in the order of the whole groups' sizes.</param>
    /// <param name="cancellationToken">Ends the wait for Redis.</param>
    public async Task<GroupPage> PageAsync(int limit, string? after, string? mailbox, CancellationToken cancellationToken)
    {
        var database = await _connection.DatabaseAsync(cancellationToken);
        var groups = new List<DeadLetterGroup>();
        var place = after is null ? null : Parse(after);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var reply = await database.ScriptEvaluateAsync(
                Scripts.Groups,
                [_keys.DeadLetters],
                [
                    place?.Group ?? "", place?.Count ?? "0", Math.Min(ReadAtOnce, limit - groups.Count),
                    mailbox ?? RedisValue.EmptyString, place is null ? 0 : 1,
                ]);
            var found = await Task.WhenAll(
                Enumerable.Range(0, reply[2].Length).Select(i => ReadAsync(reply[2][i], mailbox, cancellationToken)));
            groups.AddRange(found.OfType<DeadLetterGroup>());
            place = reply.Length > 3 ? ((string)reply[3]!, (string)reply[4]!) : null;
            if (place is null || groups.Count == limit)
                return new GroupPage(groups, (long)reply[0], (int)reply[1] == 1, place is { } next ? $"{next.Count}-{next.Group}" : null);
        }
    }

    private async Task<DeadLetterGroup?> ReadAsync(RedisResult group, string? mailbox, CancellationToken cancellationToken)
    {
        var lastId = (string)group[3]!;
        // Somebody has deleted it by hand. The index is corrected within a minute.
        if (await _deadLetters.FindAsync(lastId, cancellationToken) is not { } last)
            return null;
        var mailboxes = Mailboxes((RedisValue[])group[4]!);
        return new DeadLetterGroup
        {
            Fingerprint = (string)group[0]!,
            Count = mailbox is null ? (long)group[1] : mailboxes.Where(one => one.Name == mailbox).Sum(one => one.Count),
            First = EntryTime.Of((string)group[2]!),
            Last = EntryTime.Of(lastId),
            FirstId = (string)group[2]!,
            LastId = lastId,
            Reason = last.Reason,
            ErrorType = last.ErrorType,
            Error = last.ErrorMessage,
            Mailboxes = [.. mailboxes.Where(one => one.Name.Length > 0).Take(MostMailboxes)],
            Example = new GroupExample(last.Id, last.Mailbox, last.From, last.Subject),
        };
    }

    private static List<GroupMailbox> Mailboxes(RedisValue[] fields) =>
    [
        .. fields.Chunk(2)
            .Select(pair => new GroupMailbox(pair[0]!, (long)pair[1]))
            .OrderByDescending(one => one.Count)
            .ThenBy(one => one.Name, StringComparer.Ordinal),
    ];

    // The count and the fingerprint of the last group.
    private static (string Group, string Count)? Parse(string text)
    {
        var end = text.IndexOf('-', StringComparison.Ordinal);
        return end is > 0 and < 19 && text.AsSpan(0, end).IndexOfAnyExceptInRange('0', '9') < 0 && text.Length <= 128
            ? (text[(end + 1)..], text[..end])
            : null;
    }
}
