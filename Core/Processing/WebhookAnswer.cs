using System.Net;

namespace EmailIngestion.Processing;

/// <summary>What a receiver's answer other than 2xx means.</summary>
internal static class WebhookAnswer
{
    private static readonly int[] DefaultPermanent = [400, 413, 415, 422];

    /// <summary>The failure that the answer stands for.</summary>
    /// <param name="status">Not 2xx.</param>
    /// <param name="permanent">The answers that refuse one email for good; null: 400, 413, 415, 422.</param>
    /// <param name="retryAfter">How long the receiver asks to be left alone.</param>
    public static Exception Failure(HttpStatusCode status, IReadOnlyList<int>? permanent, TimeSpan? retryAfter)
    {
        var answer = $"The webhook answered {(int)status}";
        if ((permanent ?? DefaultPermanent).Contains((int)status))
            return new PermanentFailureException($"{answer}.");
        return Setup(status) is { } setup
            ? new TransientFailureException($"{answer}: {setup}", retryAfter) { RefusesAll = true }
            : new TransientFailureException($"{answer}.", retryAfter);
    }

    // Null: its trouble of the moment. The rest is refused whatever the email: it passes when somebody mends the settings, ours or the receiver's.
    private static string? Setup(HttpStatusCode status) => (int)status switch
    {
        408 or 425 or 429 or < 300 or >= 500 => null,
        < 400 => "it sends us elsewhere, and a redirect is not followed; check Webhook:Url.",
        401 or 403 or 407 => "it does not accept our request; check Webhook:Url and Webhook:Secret.",
        404 or 405 or 410 or 421 => "it takes no emails at this address; check Webhook:Url.",
        _ => "it does not take our request; check Webhook:Url and the receiver.",
    };
}
