namespace EmailIngestion.Mailboxes;

/// <summary>The state of a folder when it was opened.</summary>
/// <param name="UidValidity">The folder's UIDVALIDITY.</param>
/// <param name="UidNext">The UID of the next email (UIDNEXT); null when the server does not report it.</param>
/// <param name="Exists">The number of emails in the folder.</param>
internal sealed record FolderState(uint UidValidity, uint? UidNext, int Exists = 0)
{
    /// <summary>Whether the folder was open already, and the server has just announced an email in it. UIDNEXT is unknown then.</summary>
    public bool IsContinued { get; init; }
}
