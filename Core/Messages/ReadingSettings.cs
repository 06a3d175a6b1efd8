namespace EmailIngestion.Messages;

/// <summary>How the emails of one mailbox are read.</summary>
internal sealed record ReadingSettings
{
    /// <summary>The settings' defaults.</summary>
    public static ReadingSettings Default { get; } = new();

    /// <summary>The limits of an email's complexity.</summary>
    public MessageLimits Limits { get; init; } = MessageLimits.Default;

    /// <summary>
    /// The receiving server whose Authentication-Results are believed (<c>Mailboxes:n:AuthenticationServer</c>): its authserv-id, or several
    /// separated by commas, or <c>microsoft365</c>; null: none.
    /// </summary>
    public string? AuthenticationServer { get; init; }
}
