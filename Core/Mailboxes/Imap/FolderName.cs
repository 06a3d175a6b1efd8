namespace EmailIngestion.Mailboxes.Imap;

/// <summary>The name of a folder.</summary>
/// <param name="Name">The name, decoded.</param>
/// <param name="Delimiter">The server's delimiter between levels; <c>\0</c> when it has no levels.</param>
internal readonly record struct FolderName(string Name, char Delimiter);
