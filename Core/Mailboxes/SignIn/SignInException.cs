namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>No access token was issued. The message is one line for the person who set the mailbox up, without secrets.</summary>
/// <param name="failure">The kind of failure.</param>
/// <param name="message">What failed and what to do.</param>
/// <param name="inner">The cause; null if it is an answer.</param>
internal sealed class SignInException(SignInFailure failure, string message, Exception? inner = null) : MailboxException(message, inner)
{
    public SignInFailure Failure => failure;

    /// <summary>The error code of the answer (RFC 6749), such as <c>invalid_grant</c>; empty if it has none.</summary>
    public string Code { get; init; } = "";
}
