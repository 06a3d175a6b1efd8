using MailKit;
using MailKit.Net.Imap;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// Finds the sequence numbers of emails, for a server without UIDPLUS: MailKit copies and moves by UID only with it. Blocks.
/// </summary>
internal sealed class ImapPlaces(ImapSession session)
{
    private const int MostAttempts = 5;

    /// <summary>Copies or moves emails: by UID where MailKit can, else by the places of those that the folder has.</summary>
    public void Run(
        IReadOnlyList<uint> uids, Action<IList<UniqueId>> byUid, Action<IList<int>> byPlace, CancellationToken cancellationToken)
    {
        if (session.Capabilities.HasFlag(ImapCapabilities.UidPlus))
        {
            session.Run(ResponseLimits.Command, () => byUid(ImapSession.Set(uids)), cancellationToken);
            return;
        }

        var places = Of(uids, cancellationToken);
        if (places.Count > 0)
            session.Run(ResponseLimits.Command, () => byPlace(places), cancellationToken);
    }

    /// <summary>The places of those emails that the folder has.</summary>
    /// <remarks>
    /// An email that another client expunges moves the numbers behind it. The server reports that only in answers to commands, and not in
    /// those to COPY and MOVE before it has carried them out (RFC 3501, 7.4.1). So numbers of an answer without such a report are right.
    /// </remarks>
    private IList<int> Of(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var hasChanged = false;
            void Note(object? sender, EventArgs e) => hasChanged = true;
            session.Folder.MessageExpunged += Note;
            try
            {
                var found = session.Run(
                    ResponseLimits.Envelopes(uids.Count),
                    () => session.Folder.Fetch(ImapSession.Set(uids), MessageSummaryItems.UniqueId),
                    cancellationToken);
                var asked = uids.ToHashSet();
                if (!hasChanged)
                    return [.. found.Where(summary => asked.Contains(summary.UniqueId.Id)).Select(summary => summary.Index).Order()];
            }
            finally
            {
                session.Folder.MessageExpunged -= Note;
            }
        }

        throw new MailboxException($"The folder '{session.Folder.FullName}' on {session.Server} changes all the time.");
    }
}
