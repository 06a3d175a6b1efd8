using EmailIngestion.Redis;

namespace EmailIngestion.Streams;

/// <summary>
/// The notes of one partition's mailboxes: emails whose outcome is settled, and that the poller follows up in the mailbox. Consumers and
/// appends add them in the step that settles the email.
/// </summary>
internal sealed class MailboxNotes(StreamKeys keys, RedisConnection connection)
{
    /// <summary>The most notes of one mailbox: about 10 MB. Above it no note is made, and the emails stay as they are.</summary>
    public const int Most = 100_000;

    /// <summary>The number of notes that wait, and of those that were not made.</summary>
    public async Task<(long Waiting, long Unmade)> CountAsync(string mailbox, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var waiting = database.SortedSetLengthAsync(keys.Notes(mailbox));
        var unmade = await database.HashGetAsync(keys.NotesUnmade, mailbox);
        return (await waiting, unmade.TryParse(out long count) ? count : 0);
    }

    /// <summary>
    /// Reads the oldest notes that are not newer than a time, after those that are skipped. What is not a note is removed.
    /// </summary>
    public async Task<IReadOnlyList<SettledNote>> ReadAsync(
        string mailbox, DateTimeOffset until, int skip, int count, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var values = await database.SortedSetRangeByScoreAsync(
            keys.Notes(mailbox), stop: until.ToUnixTimeMilliseconds(), skip: skip, take: count);
        var notes = new List<SettledNote>(values.Length);
        foreach (var value in values)
        {
            if (SettledNote.Parse(value) is { } note)
                notes.Add(note);
            else
                await database.SortedSetRemoveAsync(keys.Notes(mailbox), value);
        }

        return notes;
    }

    /// <summary>Removes notes that are carried out.</summary>
    public async Task RemoveAsync(string mailbox, IReadOnlyList<SettledNote> notes, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        await database.SortedSetRemoveAsync(keys.Notes(mailbox), [.. notes.Select(note => note.Value)]);
    }

    /// <summary>Reduces the count of notes that were not made by those that are reported.</summary>
    public async Task ForgetUnmadeAsync(string mailbox, long count, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        if (await database.HashIncrementAsync(keys.NotesUnmade, mailbox, -count) <= 0)
            await database.HashDeleteAsync(keys.NotesUnmade, mailbox);
    }

    /// <summary>Removes all notes of a mailbox that asks for none any more.</summary>
    public async Task DiscardAsync(string mailbox, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        await database.KeyDeleteAsync(keys.Notes(mailbox));
        await database.HashDeleteAsync(keys.NotesUnmade, mailbox);
    }
}
