namespace EmailIngestion.Streams;

/// <summary>The parking of a mailbox whose sign-in was refused.</summary>
/// <param name="Account">The digest of the sign-in settings: a mailbox with other ones is not parked.</param>
/// <param name="Until">Its end.</param>
internal sealed record MailboxParking(string Account, DateTimeOffset Until);
