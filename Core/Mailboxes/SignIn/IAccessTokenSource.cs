namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>Requests access tokens for one account. It keeps none.</summary>
internal interface IAccessTokenSource
{
    /// <summary>Requests a new access token.</summary>
    /// <exception cref="SignInException">No token was issued.</exception>
    /// <exception cref="MailboxThrottledException">The token endpoint asks for a pause.</exception>
    Task<AccessToken> RequestAsync(CancellationToken cancellationToken);
}
