using System.Net;

namespace EmailIngestion.Processing;

/// <summary>Classifies answers of a webhook's receiver other than 2xx.</summary>
internal static class WebhookAnswer
{
    private static readonly int[] DefaultPermanent = [400, 413, 415, 422];

    /// <summary>Returns the failure for an answer.</summary>
    /// <param name="status">The status code of the answer, not 2xx.</param>
    /// <param name="permanent">The status codes that reject an email permanently; null: 400, 413, 415, 422.</param>
    /// <param name="retryAfter">How long the receiver asks to wait.</param>
    public static Exception Failure(HttpStatusCode status, IReadOnlyList<int>? permanent, TimeSpan? retryAfter)
    {
        var answer = $"The webhook answered {(int)status}";
        if ((permanent ?? DefaultPermanent).Contains((int)status))
            return new PermanentFailureException($"{answer}.");
        return Setup(status) is { } setup
            ? new TransientFailureException($"{answer}: {setup}", retryAfter) { RefusesAll = true }
            : new TransientFailureException($"{answer}.", retryAfter);
    }

    // Returns what to check for a status code that rejects every email, until the settings here or at the receiver are corrected. Null: the
    // receiver fails for the moment.
    private static string? Setup(HttpStatusCode status) => (int)status switch
    {
        408 or 425 or 429 or < 300 or >= 500 => null,
        < 400 => "it redirects, and redirects are not followed; check Webhook:Url.",
        401 or 403 or 407 => "it does not accept the request; check Webhook:Url and Webhook:Secret.",
        404 or 405 or 410 or 421 => "it accepts no emails at this address; check Webhook:Url.",
        _ => "it rejects the request; check Webhook:Url and the receiver.",
    };
}
