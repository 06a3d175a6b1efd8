using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>Divides UIDs into windows, whose envelopes are requested at once. Pure.</summary>
internal static class UidWindows
{
    // Envelopes are small. Fetching them for several batches at once halves the waits for a distant server.
    private const int BatchesOfEnvelopes = 4;

    /// <summary>
    /// The windows, in order. The email at which the last poll stopped is requested separately: if it breaks the connection, it affects no
    /// other email.
    /// </summary>
    public static IEnumerable<uint[]> Of(IReadOnlyList<uint> uids, MailboxCursor cursor, int batch)
    {
        // After a failed poll the windows are small, since the first email of a window is blamed for a failure of the window.
        var window = cursor.MissingUid is null ? batch * BatchesOfEnvelopes : batch;
        if (cursor.MissingUid is not { } missing || !uids.Contains(missing))
            return uids.Chunk(window);
        return
        [
            .. uids.Where(uid => uid < missing).Chunk(window),
            [missing],
            .. uids.Where(uid => uid > missing).Chunk(window),
        ];
    }
}
