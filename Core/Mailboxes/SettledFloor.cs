using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Tracks the UID up to which all appended emails of a mailbox are settled. The UID of an entry is in its body, so reading it is expensive.
/// Instead, pairs of a UID and a place in the stream are noted from time to time.
/// </summary>
internal sealed class SettledFloor
{
    private const int MaxNotes = 64;

    private readonly List<Note> _notes = [];

    /// <summary>Notes that all emails up to this UID are at or below this place.</summary>
    /// <param name="place">The last place in the stream.</param>
    /// <param name="uid">The cursor's UID, read before the place.</param>
    /// <param name="complete">The time of the last complete poll.</param>
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

    /// <summary>
    /// Returns the highest note below the lowest place still needed, and removes the notes before it; null when there is none.
    /// </summary>
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
