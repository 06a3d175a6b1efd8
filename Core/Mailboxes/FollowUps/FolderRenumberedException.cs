namespace EmailIngestion.Mailboxes.FollowUps;

/// <summary>The folder has another UIDVALIDITY than a moment ago, so UIDs may mean other emails.</summary>
internal sealed class FolderRenumberedException() : MailboxException("The folder was renumbered during the poll.");
