namespace EmailIngestion.Mailboxes;

/// <summary>Opens the folder of a mailbox again, over another connection, while its emails are read.</summary>
internal static class ReopenedFolder
{
    /// <summary>Opens it. No other poll uses the former connection.</summary>
    /// <exception cref="MailboxException">The folder cannot be opened, or has another UIDVALIDITY.</exception>
    public static void Reopen(this IMailbox mailbox, string name, uint uidValidity, CancellationToken cancellationToken)
    {
        mailbox.Discard();
        if (mailbox.Open(cancellationToken).UidValidity != uidValidity)
            throw new MailboxException($"The server has renumbered the folder of {name} while emails were read.");
    }
}
