namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>
/// Sends requests to a token endpoint. Its answers are limited and its failures classified by <see cref="TokenAnswerHandler"/>.
/// </summary>
/// <param name="client">The client, with that handler.</param>
/// <param name="address">The address.</param>
/// <param name="time">The clock.</param>
internal sealed class TokenEndpoint(HttpClient client, Uri address, TimeProvider time)
{
    /// <summary>Requests tokens.</summary>
    /// <exception cref="SignInException">No token was issued.</exception>
    /// <exception cref="MailboxThrottledException">The endpoint asks for a pause.</exception>
    public async Task<TokenAnswer> RequestAsync(
        IEnumerable<(string Name, string? Value)> parameters, CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow();
        using var request = TokenRequest.Post(address, parameters);
        using var response = await client.SendAsync(request, cancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return TokenAnswer.Read(body, before)
            ?? throw new SignInException(
                SignInFailure.Unreadable,
                $"The token endpoint {address.Authority} answers {(int)response.StatusCode} without an access token. Check its address.");
    }
}
