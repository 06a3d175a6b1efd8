using EmailIngestion.Mailboxes.FollowUps;
using MailKit;
using MailKit.Net.Imap;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// Flags, moves and deletes emails in the open folder of a connection. Each call may be repeated: UIDs that are gone are skipped. It never
/// removes other emails: without UIDPLUS (RFC 4315) nothing is expunged. Blocks.
/// </summary>
internal sealed class ImapFollowUps(ImapSession session, ImapSearch search)
{
    private readonly ImapCopies _copies = new(session, search);

    // Gmail's EXPUNGE only takes the label of the folder away. Its trash is emptied after 30 days.
    private bool IsDeletedByMove => session.IsGmail && !session.Folder.Attributes.HasFlag(FolderAttributes.Trash);

    /// <inheritdoc cref="IMailbox.CarryOut"/>
    public CarriedOut CarryOut(
        FollowUp followUp, uint uidValidity, IReadOnlyList<uint> uids, CopyJournal journal, CancellationToken cancellationToken)
    {
        var gone = 0;
        void Count(object? sender, EventArgs e) => gone++;
        var folder = session.Folder;
        try
        {
            OpenForWriting(cancellationToken);
            if (session.Folder.UidValidity != uidValidity)
                throw new FolderRenumberedException();
            folder.MessageExpunged += Count;
            var isLeftDeleted = CarryOut(followUp, uids, journal, cancellationToken);
            return new CarriedOut(gone, isLeftDeleted);
        }
        catch (ImapCommandException e)
        {
            throw new FollowUpRefusedException($"{session.WordsOf(e)}.", e);
        }
        catch (Exception e) when (e is ImapProtocolException or IOException or ServiceNotConnectedException)
        {
            throw new MailboxException($"The connection to {session.Server} ended while emails were followed up: {e.Message}", e);
        }
        finally
        {
            folder.MessageExpunged -= Count;
        }
    }

    /// <summary>Tells what a follow-up would do. It opens the folder for writing, which changes no email.</summary>
    /// <exception cref="FollowUpRefusedException">The server would refuse it; the message is one line for a person.</exception>
    public string Check(FollowUp followUp, CancellationToken cancellationToken)
    {
        OpenForWriting(cancellationToken);
        switch (followUp.Kind)
        {
            case FollowUpKind.Move when followUp.Argument == session.Folder.FullName:
                throw new FollowUpRefusedException($"'{followUp.Argument}' is the folder in which the emails are.");
            case FollowUpKind.Move:
                RequireMovable();
                var exists = session.Targets.Find(followUp.Argument, cancellationToken) is not null;
                return $"moves emails to a folder that {(exists ? "exists" : "the first move creates")}";
            case FollowUpKind.Delete when IsDeletedByMove:
                RequireMovable();
                return $"moves emails to {session.Targets.Trash(cancellationToken).FullName}";
            case FollowUpKind.Delete:
                RequireKept(MessageFlags.Deleted, null);
                return session.Capabilities.HasFlag(ImapCapabilities.UidPlus)
                    ? "deletes emails"
                    : @"marks emails as \Deleted, since the server lacks UIDPLUS";
            default:
                var (flag, keyword) = FlagOf(followUp);
                RequireKept(flag, keyword);
                return "sets a flag, which the server keeps";
        }
    }

    // Returns whether emails stay with the flag \Deleted.
    private bool CarryOut(FollowUp followUp, IReadOnlyList<uint> uids, CopyJournal journal, CancellationToken cancellationToken)
    {
        switch (followUp.Kind)
        {
            case FollowUpKind.MarkSeen or FollowUpKind.Flag:
                var (flag, keyword) = FlagOf(followUp);
                Add(flag, keyword, uids, cancellationToken);
                return false;
            case FollowUpKind.Move:
                return Move(uids, session.Targets.FindOrCreate(followUp.Argument, cancellationToken), journal, cancellationToken);
            case FollowUpKind.Delete when IsDeletedByMove:
                return Move(uids, session.Targets.Trash(cancellationToken), journal, cancellationToken);
            case FollowUpKind.Delete:
                return Delete(uids, cancellationToken);
            default:
                return false;
        }
    }

    private void OpenForWriting(CancellationToken cancellationToken)
    {
        if (session.Folder.Access != FolderAccess.ReadWrite)
            session.OpenForWriting(cancellationToken);
        if (session.Folder.Access != FolderAccess.ReadWrite)
        {
            throw new FollowUpRefusedException(
                $"{session.Server} opens folder '{session.Folder.FullName}' only for reading. Give the account the right to change it.");
        }
    }

    private bool Move(IReadOnlyList<uint> uids, IMailFolder target, CopyJournal journal, CancellationToken cancellationToken)
    {
        if (target.FullName == session.Folder.FullName)
            throw new FollowUpRefusedException($"'{target.FullName}' is the folder in which the emails are.");
        RequireMovable();
        if (!session.Capabilities.HasFlag(ImapCapabilities.Move))
        {
            _copies.Copy(uids, target, journal, cancellationToken);
            return Delete(uids, cancellationToken);
        }

        new ImapPlaces(session).Run(
            uids, set => session.Folder.MoveTo(set, target), places => session.Folder.MoveTo(places, target), cancellationToken);
        return false;
    }

    private bool Delete(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        Add(MessageFlags.Deleted, null, uids, cancellationToken);
        if (!session.Capabilities.HasFlag(ImapCapabilities.UidPlus))
            return true;
        session.Run(ResponseLimits.Command, () => session.Folder.Expunge(ImapSession.Set(uids)), cancellationToken);
        return false;
    }

    private void Add(MessageFlags flag, string? keyword, IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        RequireKept(flag, keyword);
        var request = new StoreFlagsRequest(StoreAction.Add, flag) { Silent = true };
        if (keyword is not null)
            request.Keywords.Add(keyword);
        session.Run(ResponseLimits.Command, () => session.Folder.Store(ImapSession.Set(uids), request), cancellationToken);
    }

    // Without MOVE, emails are copied and then deleted. What cannot be deleted is not copied.
    private void RequireMovable()
    {
        if (!session.Capabilities.HasFlag(ImapCapabilities.Move))
            RequireKept(MessageFlags.Deleted, null);
    }

    private void RequireKept(MessageFlags flag, string? keyword)
    {
        var folder = session.Folder;
        var isKept = keyword is null
            ? folder.PermanentFlags.HasFlag(flag)
            : folder.PermanentFlags.HasFlag(MessageFlags.UserDefined)
                || folder.PermanentKeywords.Contains(keyword, StringComparer.OrdinalIgnoreCase);
        if (!isKept)
        {
            throw new FollowUpRefusedException(
                $"{session.Server} does not keep the flag {keyword ?? $"\\{flag}"} in folder '{folder.FullName}' (PERMANENTFLAGS).");
        }
    }

    private static (MessageFlags Flag, string? Keyword) FlagOf(FollowUp followUp) => (followUp.Kind, followUp.Argument) switch
    {
        (FollowUpKind.MarkSeen, _) => (MessageFlags.Seen, null),
        (_, @"\Flagged") => (MessageFlags.Flagged, null),
        (_, @"\Answered") => (MessageFlags.Answered, null),
        _ => (MessageFlags.None, followUp.Argument),
    };
}
