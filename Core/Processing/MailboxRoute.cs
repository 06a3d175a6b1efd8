namespace EmailIngestion.Processing;

/// <summary>What the settings of one mailbox say about the processing of its emails.</summary>
/// <param name="Setting">The place of the mailbox in the settings, such as <c>Mailboxes:0</c>.</param>
/// <param name="Mailbox">The mailbox's name: <c>account/folder</c>.</param>
/// <param name="Processor">Its processors; null or empty: those of <c>Processing:Processor</c>.</param>
/// <param name="AuthenticationServer">The server whose Authentication-Results are believed; null or empty: none.</param>
internal sealed record MailboxRoute(string Setting, string Mailbox, string? Processor, string? AuthenticationServer)
{
    /// <summary>The setting of its processors.</summary>
    public string ProcessorSetting => $"{Setting}:{nameof(Processor)}";
}
