namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>Creates what requests the access tokens of a mailbox, by its settings.</summary>
/// <param name="clients">Creates HTTP clients.</param>
/// <param name="handlers">Creates their handlers.</param>
/// <param name="kept">The kept refresh tokens.</param>
/// <param name="time">The clock.</param>
internal sealed class AccessTokenSources(
    IHttpClientFactory clients, IHttpMessageHandlerFactory handlers, KeptRefreshTokens kept, TimeProvider time)
{
    /// <summary>The name of the HTTP client.</summary>
    public const string Client = "sign-in";

    public IAccessTokenSource Create(MailboxOptions mailbox)
    {
        if (RefreshGrant.Of(mailbox) is { } grant)
        {
            var endpoint = new TokenEndpoint(clients.CreateClient(Client), grant.Endpoint, time);
            return new RefreshTokenSource(endpoint, grant, kept.Of(mailbox, grant), time);
        }

        return mailbox.Authentication == MailboxAuthentication.Microsoft
            ? new EntraApplicationSource(mailbox.Microsoft, clients.CreateClient(Client))
            : new ServiceAccountSource(mailbox.Google.ServiceAccountFile!, mailbox.Username, () => handlers.CreateHandler(Client), time);
    }
}
