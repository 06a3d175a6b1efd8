using System.Net;
using EmailIngestion.Configuration;
using EmailIngestion.Messages;

namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>
/// Limits the answers of token endpoints, and turns failures into exceptions, for every client of them: the product's own and the libraries
/// of Microsoft and Google. So each failure is classified in one place, and nothing repeats a request at once.
/// </summary>
internal sealed class TokenAnswerHandler(TimeProvider time) : DelegatingHandler
{
    public const int MaxBytes = 64 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var host = request.RequestUri!.Authority;
        HttpResponseMessage response;
        byte[] body;
        try
        {
            response = await base.SendAsync(request, cancellationToken);
            body = await ReadAsync(response, host, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException && !cancellationToken.IsCancellationRequested)
        {
            throw new SignInException(
                SignInFailure.Unavailable,
                $"The token endpoint {host} cannot be reached: {e.Message} Check its address, the network and a proxy.",
                e);
        }

        if (!response.IsSuccessStatusCode || IsError(body))
        {
            using (response)
                throw await FailureAsync(request, response, body, host, cancellationToken);
        }

        var content = new ByteArrayContent(body);
        foreach (var (name, values) in response.Content.Headers.NonValidated)
            content.Headers.TryAddWithoutValidation(name, values);
        content.Headers.ContentLength = body.Length;
        response.Content.Dispose();
        response.Content = content;
        return response;
    }

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, string host, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[MaxBytes + 1];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        if (length <= MaxBytes)
            return buffer[..length];
        response.Dispose();
        throw new SignInException(
            SignInFailure.Unreadable, $"The token endpoint {host} answers with more than {MaxBytes} bytes. Check its address.");
    }

    // Some endpoints answer 200 to a request that they refuse.
    private static bool IsError(byte[] body) =>
        TokenJson.Parse(body) is { } fields && !fields.ContainsKey("access_token") && fields.GetValueOrDefault("error") is { Length: > 0 };

    private async Task<MailboxException> FailureAsync(
        HttpRequestMessage request, HttpResponseMessage response, byte[] body, string host, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        var fields = TokenJson.Parse(body);
        var code = BoundedText.Line(fields?.GetValueOrDefault("error") ?? "", OAuthErrors.MaxCode);
        var text = await TokenRequest.WithoutSecretsAsync(request, fields?.GetValueOrDefault("error_description") ?? "", cancellationToken);
        if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
        {
            return new MailboxThrottledException(
                $"The token endpoint {host} asks for a pause ({status}). The mailbox waits.", Wait(response));
        }

        if (status >= 500 || OAuthErrors.IsPassing(code))
        {
            var error = code.Length > 0 ? $", {code}" : "";
            return new SignInException(SignInFailure.Unavailable, $"The token endpoint {host} fails ({status}{error}).") { Code = code };
        }

        // Some providers answer 428 until a person has entered the device code. Other answers are of a gateway in front of the endpoint, or
        // of another server.
        return code.Length > 0 && status is 200 or 400 or 401 or 403 or 428
            ? new SignInException(SignInFailure.Refused, OAuthErrors.Describe(host, code, text)) { Code = code }
            : new SignInException(
                SignInFailure.Unreadable,
                $"{host} answers {status} {(code.Length > 0 ? $"({code})" : "without an OAuth error")}: it may not be a token endpoint. "
                    + "Check its address.");
    }

    private TimeSpan? Wait(HttpResponseMessage response) =>
        RetryAfter.Of(response.Headers.RetryAfter, time.GetUtcNow()) is { } wait
            ? TimeSpan.FromTicks(Math.Clamp(wait.Ticks, 0, TimeSpan.TicksPerDay))
            : null;
}
