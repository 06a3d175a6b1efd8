using EmailIngestion.Messages.Authentication;

namespace EmailIngestion.Messages;

/// <summary>How the emails of one mailbox are read.</summary>
internal sealed record ReadingSettings
{
    /// <summary>The settings' defaults.</summary>
    public static ReadingSettings Default { get; } = new();

    /// <summary>The limits of an email's complexity.</summary>
    public MessageLimits Limits { get; init; } = MessageLimits.Default;

    /// <summary>
    /// The receiving server whose Authentication-Results are believed (<c>Mailboxes:n:AuthenticationServer</c>): its authserv-id, or
    /// several separated by commas, or <c>microsoft365</c>; null: none.
    /// </summary>
    public string? AuthenticationServer { get; init; }

    /// <summary>
    /// Where the keys of DKIM signatures are found (<c>Processing:VerifyDkim</c>); null: signatures are not checked. Their results depend
    /// on DNS. All else of the conversion depends on the email only.
    /// </summary>
    public IDkimKeys? DkimKeys { get; init; }
}
