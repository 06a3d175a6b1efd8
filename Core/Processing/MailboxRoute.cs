namespace EmailIngestion.Processing;

/// <summary>What the settings of one mailbox say about the processing of its emails.</summary>
/// <param name="Mailbox">The mailbox's name: <c>account/folder</c>.</param>
/// <param name="Processor">Its processors; null or empty: those of <c>Processing:Processor</c>.</param>
/// <param name="AuthenticationServer">The server whose Authentication-Results are believed; null or empty: none.</param>
internal sealed record MailboxRoute(string Mailbox, string? Processor, string? AuthenticationServer);
