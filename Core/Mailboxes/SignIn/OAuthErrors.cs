using System.Collections.Frozen;
using System.Text.RegularExpressions;
using EmailIngestion.Messages;

namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>Explains the errors of token endpoints (RFC 6749, section 5.2) and says what to do. Pure.</summary>
internal static partial class OAuthErrors
{
    /// <summary>The largest length of an error code, in characters.</summary>
    public const int MaxCode = 60;

    private const int MaxText = 200;

    private static readonly FrozenDictionary<string, string> Advice = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["invalid_grant"] =
            "The refresh token or the delegation is not valid any more: it expired, was revoked, or the password changed. Sign in again.",
        ["invalid_client"] = "The client ID or its secret is wrong or has expired. Correct the settings.",
        ["unauthorized_client"] = "The application may not use this kind of sign-in or this scope. Change its registration.",
        ["unsupported_grant_type"] = "The endpoint does not know this kind of sign-in. Check its address.",
        ["invalid_scope"] = "The scope is not valid. Correct the setting Scope.",
        ["invalid_target"] = "The scope names a service that is not known. Correct the setting Scope.",
        ["access_denied"] = "The consent was refused, or an administrator blocks the application.",
        ["consent_required"] = "Nobody has consented to the scope. Sign in again, or let an administrator consent.",
        ["interaction_required"] = "A person must sign in. Sign in again.",
        ["login_required"] = "A person must sign in. Sign in again.",
        ["admin_policy_enforced"] = "An administrator of the organisation blocks the application or the scope.",
        ["org_internal"] = "The application is limited to its own organisation. Change its registration.",
        ["deleted_client"] = "The application was deleted. Register it again.",
        ["expired_token"] = "The device code has expired. Begin again.",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Whether an error ends by itself.</summary>
    public static bool IsPassing(string code) => code is "temporarily_unavailable" or "server_error" or "slow_down";

    /// <summary>Makes the line for a person: who refuses, the codes, the endpoint's text and what to do.</summary>
    /// <param name="host">The token endpoint.</param>
    /// <param name="code">The error code.</param>
    /// <param name="text">The endpoint's description, without secrets; it is cleaned and cut.</param>
    public static string Describe(string host, string code, string text)
    {
        var line = BoundedText.Line(text);
        var entra = EntraErrors.CodeOf(line);
        var codes = entra is null ? code : $"{code}, AADSTS{entra}";
        var advice = (entra is null ? null : EntraErrors.Advice(entra)) ?? Advice.GetValueOrDefault(code)
            ?? "Check the settings of the sign-in.";
        var words = BoundedText.Line(Preface().Replace(line, ""), MaxText).TrimEnd('.', ' ');
        return $"The token endpoint {host} refuses to issue an access token ({codes}){(words.Length > 0 ? $": {words}" : "")}. {advice}";
    }

    // The code is shown already, and the identifiers at the end are not for people.
    [GeneratedRegex(@"^AADSTS\d+: ?| Trace ID: .*$")]
    private static partial Regex Preface();
}
