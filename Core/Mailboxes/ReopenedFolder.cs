using EmailIngestion.Mailboxes.Imap;

namespace EmailIngestion.Mailboxes;

/// <summary>Opens the folder of a mailbox again, over another connection, while its emails are read.</summary>
internal static class ReopenedFolder
{
    /// <summary>Opens it. No other poll uses the former connection.</summary>
    /// <exception cref="ReopenFailedException">The server accepts no connection, or the folder has another UIDVALIDITY.</exception>
    public static void Reopen(this IMailbox mailbox, string name, uint uidValidity, CancellationToken cancellationToken)
    {
        mailbox.Discard();
        FolderState state;
        try
        {
            state = mailbox.Open(cancellationToken);
        }
        catch (Exception e) when (ConnectionCut.Is(e))
        {
            throw new ReopenFailedException(e is MailboxException ? e.Message : $"{e.GetType().Name}: {e.Message}", e);
        }

        if (state.UidValidity == uidValidity)
            return;
        mailbox.Dispose();
        throw new ReopenFailedException($"The server has renumbered the folder of {name} while emails were read.");
    }
}
