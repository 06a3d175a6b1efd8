using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>What to do about the common errors of Microsoft Entra ID. Pure.</summary>
internal static partial class EntraErrors
{
    private const string SignInAgain = "Sign in again (docs/accounts.md) and set the new RefreshToken.";

    private static readonly FrozenDictionary<string, string> Known = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["7000215"] = "The client secret is wrong: set ClientSecret to the secret's value, not to its ID.",
        ["7000222"] = "The client secret has expired: create a new one in the app registration and set ClientSecret.",
        ["7000218"] = "The application needs a secret: set ClientSecret, or allow public client flows in the app registration.",
        ["700016"] = "The directory has no such application: check ClientId and Tenant, and grant admin consent in this directory.",
        ["700025"] = "The application is a public client and has no secret: remove ClientSecret.",
        ["700027"] = "The certificate is not one of the application's: upload it in the app registration.",
        ["700211"] = "No federated credential of the application matches the issuer of the workload's token.",
        ["700212"] = "No federated credential of the application matches the audience of the workload's token.",
        ["700213"] = "No federated credential of the application matches the subject: check the service account's namespace and name.",
        ["70021"] = "No federated credential of the application matches the workload's token: check issuer, subject and audience.",
        ["700024"] = "The client assertion has expired: check this machine's clock.",
        ["90002"] = "There is no such directory: check Tenant.",
        ["900023"] = "The directory's name is not valid: check Tenant.",
        ["500011"] = "The directory does not know the service of the scope: check Scope, and that the organisation has Exchange Online.",
        ["70011"] = "The scope is not valid: check Scope.",
        ["65001"] = "Nobody has consented: grant admin consent to the application, or sign in again.",
        ["65004"] = "The person refused the consent. Sign in again.",
        ["90094"] = "An administrator must consent: grant admin consent to the application.",
        ["50126"] = "User name or password is wrong. Sign in again.",
        ["50034"] = "The directory has no such user: check Username and Tenant.",
        ["50057"] = "The user's account is disabled.",
        ["50053"] = "The user's account is locked, or the address is blocked. Wait, then sign in again.",
        ["50055"] = "The user's password has expired. Change it, then sign in again.",
        ["50076"] = "The organisation requires multi-factor authentication. " + SignInAgain,
        ["50079"] = "The user must set up multi-factor authentication. " + SignInAgain,
        ["50158"] = "The organisation requires another sign-in step. " + SignInAgain,
        ["53000"] = "A Conditional Access policy requires a managed device: exclude the application or use application permission.",
        ["53001"] = "A Conditional Access policy requires a joined device: exclude the application or use application permission.",
        ["53003"] = "A Conditional Access policy blocks the sign-in: ask an administrator to exclude the application or this network.",
        ["530036"] = "A policy blocks device codes: sign in without --device.",
        ["50173"] = "The refresh token was revoked, since the password changed. " + SignInAgain,
        ["50132"] = "The session was revoked. " + SignInAgain,
        ["50089"] = "The session has expired. " + SignInAgain,
        ["70000"] = "The refresh token is not valid, or for other scopes. " + SignInAgain,
        ["70008"] = "The refresh token has expired, as it was not used for long. " + SignInAgain,
        ["700082"] = "The refresh token has expired, as it was not used for 90 days. " + SignInAgain,
        ["700084"] = "The refresh token of a single-page application lives a day: register the address as a mobile or desktop platform.",
        ["9002313"] = "The request is not valid: the refresh token may be cut or of another application. " + SignInAgain,
        ["500113"] = "The application has no redirect address: add http://localhost as a mobile and desktop platform.",
        ["50011"] = "The application does not know the redirect address: add http://localhost as a mobile and desktop platform.",
        ["50020"] = "The user is not of this directory: check Tenant.",
        ["50105"] = "The user is not assigned to the application: assign the user, or switch assignment off.",
        ["7000112"] = "The application is disabled in the directory.",
        ["7000229"] = "The application has no service principal in this directory: grant admin consent there.",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The codes with an explanation.</summary>
    public static IEnumerable<string> Codes => Known.Keys;

    /// <summary>What to do about a code; null if it is not known.</summary>
    public static string? Advice(string code) => Known.GetValueOrDefault(code);

    /// <summary>The code in an error text; null if it has none.</summary>
    public static string? CodeOf(string text) => Code().Match(text) is { Success: true } found ? found.Groups[1].Value : null;

    [GeneratedRegex(@"AADSTS(\d{4,9})")]
    private static partial Regex Code();
}
