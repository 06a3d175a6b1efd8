using System.Net.Http.Headers;
using Azure;
using Azure.Identity;
using EmailIngestion.Configuration;
using EmailIngestion.Messages;

namespace EmailIngestion.Processing.Archiving;

/// <summary>Classifies the failures of a storage account. None of them is the email's, so none is permanent.</summary>
internal static class BlobFailure
{
    /// <param name="error">The answer of the storage account, or that there was none.</param>
    /// <param name="signsIn">Whether Azure.Identity signs in; else the connection string has a key or a signature.</param>
    /// <param name="time">The clock, for a Retry-After that is a date.</param>
    public static TransientFailureException Of(RequestFailedException error, bool signsIn, TimeProvider time)
    {
        if (error.Status == 0)
            return new TransientFailureException($"The storage account cannot be reached: {BoundedText.Line(error.Message)}", error);
        var answer = $"The storage account answered {error.Status} {BoundedText.Line(error.ErrorCode ?? "")}".TrimEnd();
        return Setup(error, signsIn) is { } setup
            ? new TransientFailureException($"{answer}: {setup}", RetryAfter(error, time)) { RefusesAll = true }
            : new TransientFailureException($"{answer}.", RetryAfter(error, time));
    }

    /// <summary>The failure of a sign-in: no email can be archived until it succeeds.</summary>
    public static TransientFailureException Of(AuthenticationFailedException error) =>
        new($"Microsoft Entra ID gives no token for Archive:Container: {IdentityFailure.Of(error)}.", error) { RefusesAll = true };

    // Returns what to check when no email can be archived. Null: the account fails for the moment.
    private static string? Setup(RequestFailedException error, bool signsIn) => (error.Status, error.ErrorCode) switch
    {
        (401, _) or (403, "AuthenticationFailed") when signsIn =>
            "it does not accept the token of this identity; check that Archive:Container is an account of the identity's tenant and cloud, "
                + "and this machine's clock.",
        (401 or 403, _) => signsIn
            ? "it does not let this identity write; give it the role Storage Blob Data Contributor on the container, "
                + "and check its firewall."
            : "it does not accept the request; check the key or the signature in Archive:ConnectionString, and its firewall.",
        (404, _) or (409, "ContainerBeingDeleted" or "ContainerDisabled") => "the container does not exist; check Archive:Container.",
        _ => null,
    };

    private static TimeSpan? RetryAfter(RequestFailedException error, TimeProvider time)
    {
        if (error.GetRawResponse()?.Headers.TryGetValue("Retry-After", out var text) != true
            || !RetryConditionHeaderValue.TryParse(text, out var header))
        {
            return null;
        }

        if (header.Date is { } date)
            return date > time.GetUtcNow() ? date - time.GetUtcNow() : TimeSpan.Zero;
        return header.Delta;
    }
}
