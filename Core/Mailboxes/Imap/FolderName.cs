namespace EmailIngestion.Mailboxes.Imap;

/// <param name="Name">A folder's name, as people write it.</param>
/// <param name="Delimiter">What the server puts between levels; <c>\0</c>: it has no levels.</param>
internal readonly record struct FolderName(string Name, char Delimiter);
