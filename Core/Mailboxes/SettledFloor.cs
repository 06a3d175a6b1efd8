using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// The UID up to which everything that was appended of a mailbox is settled. An entry does not tell its UID without its body, so it is
/// noted from time to time which UID the appends had reached at which place in the stream.
/// </summary>
internal sealed class SettledFloor
{
    private const int MaxNotes = 64;

    private readonly List<Note> _notes = [];

    /// <summary>Notes that everything up to this UID lies at or below this place.</summary>
    /// <param name="place">The last place in the stream.</param>
    /// <param name="uid">The cursor as it was before that place was read.</param>
    /// <param name="complete">When a poll had last reached the end of the mailbox.</param>
    public void Add(EntryPosition place, uint uid, DateTimeOffset? complete)
    {
        // After a failover the stream may go back.
        if (_notes.Count > 0 && place.CompareTo(_notes[^1].Place) < 0)
            _notes.Clear();
        if (_notes.Count > 0 && _notes[^1].Uid == uid)
            return;
        if (_notes.Count == MaxNotes)
        {
            for (var at = _notes.Count - 1; at > 0; at -= 2)
                _notes.RemoveAt(at);
        }

        _notes.Add(new Note(place, uid, complete));
    }

    /// <summary>The highest note below the lowest place that is still needed, and forgets those before it; null when there is none.</summary>
    public (uint Uid, DateTimeOffset? Complete)? Below(EntryPosition needed)
    {
        var at = _notes.FindLastIndex(note => note.Place.CompareTo(needed) < 0);
        if (at < 0)
            return null;
        _notes.RemoveRange(0, at);
        return (_notes[0].Uid, _notes[0].Complete);
    }

    private sealed record Note(EntryPosition Place, uint Uid, DateTimeOffset? Complete);
}
