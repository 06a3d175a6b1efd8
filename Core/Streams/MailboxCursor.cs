namespace EmailIngestion.Streams;

/// <summary>
/// Where polling stands in one mailbox: (UIDVALIDITY, last UID appended), and the epoch, which counts how often the server has numbered
/// the folder anew.
/// </summary>
/// <param name="Epoch">0 for the first.</param>
/// <param name="UidValidity">The folder's UIDVALIDITY in this epoch.</param>
/// <param name="Last">The last UID appended; the next poll reads what lies above it.</param>
/// <param name="Since">When this epoch began.</param>
/// <param name="First">When the mailbox was first seen.</param>
/// <param name="LastSuccess">When a poll last reached the end of the mailbox; null before the first.</param>
/// <param name="Suspect">The UID that polls have stopped before; null when the last one stopped before none.</param>
/// <param name="Stops">How many polls in a row did.</param>
internal sealed record MailboxCursor(
    int Epoch, uint UidValidity, uint Last, DateTimeOffset Since, DateTimeOffset First, DateTimeOffset? LastSuccess, uint? Suspect = null, int Stops = 0);
