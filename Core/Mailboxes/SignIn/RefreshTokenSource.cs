namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>Requests access tokens by a refresh token. It keeps a new refresh token, if the endpoint rotates them.</summary>
/// <param name="endpoint">The token endpoint.</param>
/// <param name="grant">The settings.</param>
/// <param name="kept">The newest refresh token.</param>
internal sealed class RefreshTokenSource(TokenEndpoint endpoint, RefreshGrant grant, KeptRefreshToken kept) : IAccessTokenSource
{
    public async Task<AccessToken> RequestAsync(CancellationToken cancellationToken)
    {
        var used = await kept.ReadAsync(cancellationToken);
        TokenAnswer answer;
        try
        {
            answer = await endpoint.RequestAsync(grant.Parameters(used), cancellationToken);
        }
        catch (SignInException e) when (e.Code == "invalid_grant")
        {
            // Another poller may have used the token at the same time, and keeps a newer one.
            var newer = await kept.ReadAsync(cancellationToken);
            if (newer == used)
                throw;
            used = newer;
            answer = await endpoint.RequestAsync(grant.Parameters(used), cancellationToken);
        }

        if (answer.RefreshToken is { } rotated && rotated != used)
            await kept.KeepAsync(rotated);
        return answer.Token;
    }
}
