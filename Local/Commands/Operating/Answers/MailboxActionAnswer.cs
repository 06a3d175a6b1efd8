namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record MailboxActionAnswer
{
    public bool? Forgotten { get; set; }

    /// <summary>Why a poll waits.</summary>
    public string? Note { get; set; }
}
