using Google.Apis.Auth.OAuth2;
using Google.Apis.Auth.OAuth2.Responses;
using Google.Apis.Http;

namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>Requests access tokens from Google for a service account that acts as a user (domain-wide delegation).</summary>
/// <param name="file">The key of the service account.</param>
/// <param name="user">The user.</param>
/// <param name="handler">Creates the handler of a request.</param>
/// <param name="time">The clock.</param>
internal sealed class ServiceAccountSource(string file, string user, Func<HttpMessageHandler> handler, TimeProvider time)
    : IAccessTokenSource
{
    public async Task<AccessToken> RequestAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow();
        using var credential = new Disposable(ServiceAccountFile.Open(file, user, new Clients(handler)));
        try
        {
            await credential.Value.RequestAccessTokenAsync(cancellationToken);
        }
        catch (Exception e) when (e is TokenResponseException or Newtonsoft.Json.JsonException)
        {
            throw new SignInException(
                SignInFailure.Unreadable, $"The token endpoint in {file} answers without an access token. Check token_uri in it.", e);
        }

        var token = credential.Value.Token;
        if (token?.AccessToken is not { } value || !TokenAnswer.IsToken(value))
        {
            throw new SignInException(
                SignInFailure.Unreadable, $"The token endpoint in {file} answers without an access token. Check token_uri in it.");
        }

        return new AccessToken(value, before + TimeSpan.FromSeconds(Math.Clamp(token.ExpiresInSeconds ?? 1_800, 0, 604_800)));
    }

    // Google's library disposes the handler with its client.
    private sealed class Clients(Func<HttpMessageHandler> handler) : HttpClientFactory
    {
        protected override HttpMessageHandler CreateHandler(CreateHttpClientArgs args) => handler();
    }

    private sealed class Disposable(ServiceAccountCredential credential) : IDisposable
    {
        public ServiceAccountCredential Value => credential;

        public void Dispose() => credential.HttpClient.Dispose();
    }
}
