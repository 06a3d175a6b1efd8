using System.Net;

namespace EmailIngestion.Processing;

/// <summary>The answer of a webhook's receiver.</summary>
/// <param name="RequestId">The id of the request, in <c>webhook-id</c>.</param>
/// <param name="Status">The status code.</param>
/// <param name="RetryAfter">How long the receiver asks to wait; null if it does not say.</param>
/// <param name="Text">The beginning of its text, at most 4 KiB; empty if it was not read or is not text.</param>
internal sealed record WebhookReply(string RequestId, HttpStatusCode Status, TimeSpan? RetryAfter, string Text)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;
}
