namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>The mail server refuses an access token.</summary>
internal sealed class TokenRefusedException(string message, Exception inner) : MailboxException(message, inner)
{
    /// <summary>The same with the server and the user.</summary>
    /// <param name="server">The server as host:port.</param>
    /// <param name="user">The user.</param>
    /// <param name="status">The status that the server sent with its refusal, to follow its text.</param>
    public TokenRefusedException At(string server, string user, string status) =>
        new($"{server} refuses the access token of {user}: {Message}{status}", this);
}
