using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EmailIngestion.Messages;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Processing;

/// <summary>
/// Posts the parsed email as JSON, signed according to Standard Webhooks (standardwebhooks.com): <c>webhook-signature</c> is <c>v1,</c> and
/// the base64 of HMAC-SHA256 over <c>id.timestamp.body</c>. Repeated requests have the same <c>Idempotency-Key</c>.
/// </summary>
internal sealed class WebhookProcessor(HttpClient client, IOptions<WebhookOptions> options, TimeProvider time) : IEmailProcessor
{
    public const string Name = "webhook";

    private readonly WebhookOptions _options = options.Value;

    public async Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken)
    {
        var message = delivery.Email;
        var body = JsonSerializer.SerializeToUtf8Bytes(Payload(message), ParsedEmailJson.Readable.ParsedEmail);
        using var request = new HttpRequestMessage(HttpMethod.Post, _options.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        var id = message.Id.ToString();
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        request.Headers.Add("Idempotency-Key", id);
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.Add("webhook-signature", Sign(_options.Secret, id, timestamp, body));

        using var cut = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var answering = client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cut.Token);
        try
        {
            await AnsweredAsync(answering, cut, cancellationToken);
            using var response = await answering;
            if (!response.IsSuccessStatusCode)
                throw WebhookAnswer.Failure(response.StatusCode, _options.PermanentStatusCodes, RetryAfter(response.Headers.RetryAfter));
        }
        catch (HttpRequestException e)
        {
            throw new TransientFailureException($"The webhook cannot be reached: {BoundedText.Line(e.Message)}", e);
        }
    }

    internal static string Sign(string secret, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, WebhookSecret.Key(secret));
        hmac.AppendData(Encoding.UTF8.GetBytes($"{id}.{timestamp}."));
        hmac.AppendData(body);
        return "v1," + Convert.ToBase64String(hmac.GetHashAndReset());
    }

    private ParsedEmail Payload(EmailMessage message)
    {
        var email = message.Parsed;
        return _options.IncludeRaw ? email with { Raw = message.Raw.ToArray() } : email;
    }

    // Waits for the answer. An answer that has arrived counts, even if the deadline has passed.
    private async Task AnsweredAsync(Task<HttpResponseMessage> answering, CancellationTokenSource cut, CancellationToken cancellationToken)
    {
        await ((Task)answering).WaitAsync(_options.Timeout, time, CancellationToken.None)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (answering.IsCompleted || await Grace.EndsAsync(answering, time, cancellationToken))
            return;
        await cut.CancelAsync();
        // The cancelled request ends at once. An answer that arrived at this moment counts too.
        await ((Task)answering).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!answering.IsCompletedSuccessfully && !cancellationToken.IsCancellationRequested)
            throw new TransientFailureException($"The webhook did not answer within {_options.Timeout.TotalSeconds} s.");
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header)
    {
        if (header?.Date is { } date)
            return date > time.GetUtcNow() ? date - time.GetUtcNow() : TimeSpan.Zero;
        return header?.Delta;
    }
}
