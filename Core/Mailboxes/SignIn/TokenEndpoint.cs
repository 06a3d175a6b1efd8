namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>
/// Sends requests to a token endpoint. Its answers are limited and its failures classified by <see cref="TokenAnswerHandler"/>.
/// </summary>
/// <param name="client">The client, with that handler.</param>
/// <param name="address">The address.</param>
/// <param name="time">The clock.</param>
internal sealed class TokenEndpoint(HttpClient client, Uri address, TimeProvider time)
{
    // For a caller without a deadline of its own.
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromMinutes(1);

    /// <summary>Requests tokens.</summary>
    /// <exception cref="SignInException">No token was issued.</exception>
    /// <exception cref="MailboxThrottledException">The endpoint asks for a pause.</exception>
    public async Task<TokenAnswer> RequestAsync(
        IEnumerable<(string Name, string? Value)> parameters, CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow();
        return TokenAnswer.Read(await PostAsync(parameters, cancellationToken), before)
            ?? throw new SignInException(
                SignInFailure.Unreadable, $"The token endpoint {address.Authority} answers without an access token. Check its address.");
    }

    /// <summary>Sends a request and returns the body of a successful answer.</summary>
    /// <inheritdoc cref="RequestAsync" path="/exception"/>
    public async Task<byte[]> PostAsync(IEnumerable<(string Name, string? Value)> parameters, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(LongestAnswer, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var request = TokenRequest.Post(address, parameters);
        try
        {
            using var response = await client.SendAsync(request, either.Token);
            return await response.Content.ReadAsByteArrayAsync(either.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SignInException(
                SignInFailure.Unavailable, $"The token endpoint {address.Authority} did not answer within a minute.", e);
        }
    }
}
