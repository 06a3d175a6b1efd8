using Azure.Identity;
using EmailIngestion.Messages;
using Microsoft.Identity.Client;

namespace EmailIngestion.Configuration;

/// <summary>
/// Describes why Azure.Identity has no token, in one line: the error code of Microsoft Entra ID and what to do about it. The outer
/// exceptions only name the kind of credential.
/// </summary>
internal static class IdentityFailure
{
    private const int MaxDetail = 300;

    private static readonly (string Code, string Advice)[] Known =
    [
        ("AADSTS700016", "check AZURE_CLIENT_ID and AZURE_TENANT_ID"),
        ("AADSTS90002", "check AZURE_TENANT_ID and AZURE_AUTHORITY_HOST"),
        ("AADSTS700213", "give the identity a federated credential for this service account"),
        ("AADSTS70021", "give the identity a federated credential for this service account"),
        ("AADSTS7000215", "check AZURE_CLIENT_SECRET"),
        ("AADSTS7000222", "the secret has expired: create another and set AZURE_CLIENT_SECRET"),
        ("AADSTS500011", "the tenant does not know the service: check AZURE_TENANT_ID and the cloud"),
    ];

    /// <summary>The failure without a full stop.</summary>
    public static string Of(Exception error)
    {
        if (error is CredentialUnavailableException)
        {
            return "this machine has no identity: give it a workload identity or a managed identity, set AZURE_TENANT_ID, AZURE_CLIENT_ID "
                + "and AZURE_CLIENT_SECRET, or sign in by az login";
        }

        var causes = ErrorTrace.Chain(error);
        var service = causes.OfType<MsalServiceException>().LastOrDefault();
        var text = Answer(service?.Message) ?? causes.LastOrDefault(cause => cause.Message.Trim().Length > 0)?.Message ?? "";
        var detail = BoundedText.Line(text, MaxDetail).TrimEnd('.', ' ', ':');
        if (service?.ErrorCode is { Length: > 0 } code && !detail.Contains(code, StringComparison.Ordinal))
            detail = $"{BoundedText.Line(code)}: {detail}";
        return Known.FirstOrDefault(known => detail.Contains($"{known.Code}:", StringComparison.Ordinal)).Advice is { } advice
            ? $"{detail}; {advice}"
            : detail;
    }

    /// <summary>How long the token source asks to wait. Null: it does not say.</summary>
    public static TimeSpan? RetryAfter(Exception error, DateTimeOffset now) => Configuration.RetryAfter.Of(
        ErrorTrace.Chain(error).OfType<MsalServiceException>().Select(cause => cause.Headers?.RetryAfter)
            .FirstOrDefault(found => found is not null),
        now);

    // For some codes the library puts advice for programmers before the answer of Entra ID.
    private static string? Answer(string? text) => text?.IndexOf("AADSTS", StringComparison.Ordinal) is > 0 and var at ? text[at..] : text;
}
