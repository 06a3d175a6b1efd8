namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>Requests access tokens by a refresh token. It keeps a new refresh token, if the endpoint rotates them.</summary>
/// <param name="endpoint">The token endpoint.</param>
/// <param name="grant">The settings.</param>
/// <param name="kept">The newest refresh token.</param>
/// <param name="time">The clock.</param>
internal sealed class RefreshTokenSource(TokenEndpoint endpoint, RefreshGrant grant, KeptRefreshToken kept, TimeProvider time)
    : IAccessTokenSource
{
    // A second apart.
    private const int Rereads = 3;

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
            if (await ReadNewerAsync(used, cancellationToken) is not { } newer)
                throw;
            used = newer;
            answer = await endpoint.RequestAsync(grant.Parameters(used), cancellationToken);
        }

        if (answer.RefreshToken is { } rotated && rotated != used)
            await kept.KeepAsync(rotated);
        return answer.Token;
    }

    // Another poller may have used the token at the same time. It keeps the newer one as soon as it has the answer.
    private async Task<string?> ReadNewerAsync(string used, CancellationToken cancellationToken)
    {
        for (var read = 0; ; read++)
        {
            if (await kept.ReadAsync(cancellationToken) is var newer && newer != used)
                return newer;
            if (read == Rereads || !kept.IsShared)
                return null;
            await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
        }
    }
}
