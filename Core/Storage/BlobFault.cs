using System.Net.Http.Headers;
using Azure;
using Azure.Identity;
using EmailIngestion.Configuration;
using EmailIngestion.Messages;

namespace EmailIngestion.Storage;

/// <summary>What a storage account's failure says. None of them is an email's fault.</summary>
/// <param name="Message">A sentence, without secrets.</param>
/// <param name="RetryAfter">How long the account asks to wait; null if it does not say.</param>
/// <param name="RefusesAll">Whether nothing succeeds until a person changes something.</param>
internal sealed record BlobFault(string Message, TimeSpan? RetryAfter, bool RefusesAll)
{
    /// <param name="error">The answer of the storage account, or that there was none.</param>
    /// <param name="section">The section of the settings <c>Container</c> and <c>ConnectionString</c>.</param>
    /// <param name="signsIn">Whether Azure.Identity signs in; else the connection string has a key or a signature.</param>
    /// <param name="time">The clock, for a Retry-After that is a date.</param>
    public static BlobFault Of(RequestFailedException error, string section, bool signsIn, TimeProvider time)
    {
        if (error.Status == 0)
            return new BlobFault($"The storage account cannot be reached: {BoundedText.Line(error.Message)}", null, RefusesAll: false);
        var answer = $"The storage account answered {error.Status} {BoundedText.Line(error.ErrorCode ?? "")}".TrimEnd();
        return Setup(error, section, signsIn) is { } setup
            ? new BlobFault($"{answer}: {setup}", RetryAfterOf(error, time), RefusesAll: true)
            : new BlobFault($"{answer}.", RetryAfterOf(error, time), RefusesAll: false);
    }

    /// <summary>The failure of a sign-in.</summary>
    public static BlobFault Of(AuthenticationFailedException error, string section) =>
        new($"Microsoft Entra ID gives no token for {section}:Container: {IdentityFailure.Of(error)}.", null, RefusesAll: true);

    /// <summary>There was no answer in time.</summary>
    public static BlobFault Late { get; } = new("The storage account did not answer in time.", null, RefusesAll: false);

    /// <summary>The connection ended within an answer.</summary>
    public static BlobFault Cut { get; } = new("The storage account ended its answer early.", null, RefusesAll: false);

    // Returns what to check when every request fails. Null: the account fails for the moment.
    private static string? Setup(RequestFailedException error, string section, bool signsIn) => (error.Status, error.ErrorCode) switch
    {
        (401, _) or (403, "AuthenticationFailed") when signsIn =>
            $"it does not accept the token of this identity; check that {section}:Container is an account of the identity's tenant and "
                + "cloud, and this machine's clock.",
        (401 or 403, _) => signsIn
            ? "it does not let this identity write; give it the role Storage Blob Data Contributor on the container, "
                + "and check its firewall."
            : $"it does not accept the request; check the key or the signature in {section}:ConnectionString, and its firewall.",
        (404, _) or (409, "ContainerBeingDeleted" or "ContainerDisabled") => $"the container does not exist; check {section}:Container.",
        _ => null,
    };

    private static TimeSpan? RetryAfterOf(RequestFailedException error, TimeProvider time) =>
        error.GetRawResponse()?.Headers.TryGetValue("Retry-After", out var text) == true
        && RetryConditionHeaderValue.TryParse(text, out var header)
            ? Configuration.RetryAfter.Of(header, time.GetUtcNow())
            : null;
}
