using System.Globalization;
using System.Net.Http.Headers;
using EmailIngestion.Configuration;
using EmailIngestion.Messages;

namespace EmailIngestion.Processing;

/// <summary>
/// Posts the parsed email as JSON, signed according to Standard Webhooks. Repeated requests have the same <c>Idempotency-Key</c>.
/// docs/webhook.md describes the request.
/// </summary>
/// <param name="client">The client: no redirects, no timeout of its own. It uses HTTP/1.1, where a request ends before its answer.</param>
/// <param name="options">The webhook's settings.</param>
/// <param name="section">The section of the settings, for error messages.</param>
/// <param name="time">The clock.</param>
internal sealed class WebhookProcessor(HttpClient client, WebhookOptions options, string section, TimeProvider time) : IEmailProcessor
{
    /// <summary>The product and its version, for <c>User-Agent</c>.</summary>
    public static readonly ProductInfoHeaderValue UserAgent =
        new("EmailIngestion", typeof(WebhookProcessor).Assembly.GetName().Version!.ToString(3));

    private readonly WebhookSignature _signature = WebhookSignature.Of(options);

    public async Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken)
    {
        var reply = await PostAsync(delivery.Email, readsText: false, cancellationToken);
        if (!reply.IsSuccess)
            throw WebhookAnswer.Failure(reply, section, options);
    }

    /// <summary>Posts an email.</summary>
    /// <param name="message">The email.</param>
    /// <param name="readsText">Whether the text of a 2xx answer is read too. That of every other answer is read.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="TransientFailureException">The receiver cannot be reached or does not answer in time.</exception>
    public async Task<WebhookReply> PostAsync(EmailMessage message, bool readsText, CancellationToken cancellationToken)
    {
        using var body = WebhookBody.Write(message, options);
        using var request = Request(message.Id.ToString(), body);
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var answering = client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cut.Token);
        try
        {
            await AnsweredAsync(answering, cut, cancellationToken);
            using var response = await answering;
            var text = readsText || !response.IsSuccessStatusCode
                ? await WebhookText.ReadAsync(response.Content, time, cancellationToken)
                : "";
            var wait = RetryAfter.Of(response.Headers.RetryAfter, time.GetUtcNow());
            return new WebhookReply(message.Id.ToString(), response.StatusCode, wait, text);
        }
        catch (HttpRequestException e)
        {
            throw new TransientFailureException($"{WebhookAnswer.Name(section)} cannot be reached: {BoundedText.Line(e.Message)}", e);
        }
    }

    private HttpRequestMessage Request(string id, WebhookBody body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, options.Url) { Content = new StreamContent(body.Open(options.Compression)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        if (options.Compression == WebhookCompression.Gzip)
            request.Content.Headers.ContentEncoding.Add("gzip");
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        request.Headers.UserAgent.Add(UserAgent);
        request.Headers.Add("Idempotency-Key", id);
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.Add("webhook-signature", _signature.Sign(id, timestamp, body.Bytes));
        return request;
    }

    // Waits for the answer. An answer that has arrived counts, even if the deadline has passed.
    private async Task AnsweredAsync(Task<HttpResponseMessage> answering, CancellationTokenSource cut, CancellationToken cancellationToken)
    {
        await ((Task)answering).WaitAsync(options.Timeout, time, CancellationToken.None)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (answering.IsCompleted || await Grace.EndsAsync(answering, time, cancellationToken))
            return;
        await cut.CancelAsync();
        // The cancelled request ends at once. An answer that arrived at this moment counts too.
        await ((Task)answering).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!answering.IsCompletedSuccessfully && !cancellationToken.IsCancellationRequested)
        {
            throw new TransientFailureException(
                $"{WebhookAnswer.Name(section)} did not answer within {options.Timeout.TotalSeconds} s.");
        }
    }
}
