using EmailIngestion.Configuration;

namespace EmailIngestion.Mailboxes.SignIn.Consent;

/// <summary>What a person's consent needs of a provider: its addresses, the application and the scope.</summary>
/// <param name="RefreshTokenSetting">The setting for the refresh token.</param>
/// <param name="Token">The token endpoint.</param>
/// <param name="Authorization">The consent page; null if it is not set.</param>
/// <param name="Device">The address of device codes; null if it is not set.</param>
/// <param name="ClientId">The application.</param>
/// <param name="ClientSecret">Its secret; null for a public client.</param>
/// <param name="Scope">The scope; null for the provider's default.</param>
internal sealed record ConsentProvider(
    string RefreshTokenSetting, Uri Token, Uri? Authorization, Uri? Device, string ClientId, string? ClientSecret, string? Scope)
{
    /// <summary>The host in the redirect address. The listener has 127.0.0.1 in any case.</summary>
    public string RedirectHost { get; private init; } = "127.0.0.1";

    /// <summary>Further parameters of the consent page.</summary>
    public IReadOnlyList<(string Name, string? Value)> Parameters { get; private init; } = [];

    /// <summary>The provider of a mailbox.</summary>
    /// <param name="mailbox">The mailbox. It needs no refresh token yet.</param>
    /// <param name="setting">The name of its section.</param>
    /// <param name="device">Whether the consent is by a device code.</param>
    /// <exception cref="SettingsException">A setting is missing or wrong.</exception>
    public static ConsentProvider Of(MailboxOptions mailbox, string setting, bool device)
    {
        switch (mailbox.Authentication)
        {
            case MailboxAuthentication.Microsoft:
                var entra = mailbox.Microsoft;
                Check($"{setting}:Microsoft:Authority", entra.Authority);
                // Entra ID allows any port for localhost, but not for 127.0.0.1.
                return new ConsentProvider(
                    $"{setting}:Microsoft:RefreshToken",
                    MicrosoftEndpoints.Of(entra, "token"),
                    MicrosoftEndpoints.Of(entra, "authorize"),
                    MicrosoftEndpoints.Of(entra, "devicecode"),
                    Required($"{setting}:Microsoft:ClientId", entra.ClientId),
                    entra.ClientSecret,
                    MicrosoftEndpoints.UserScopeOf(entra))
                {
                    RedirectHost = "localhost",
                    Parameters = [("login_hint", mailbox.Username), ("prompt", "select_account")],
                };

            case MailboxAuthentication.Google when device:
                throw new SettingsException(
                    $"{setting}:Authentication is Google, which gives no device codes for mail: sign in without --device.");

            case MailboxAuthentication.Google:
                return new ConsentProvider(
                    $"{setting}:Google:RefreshToken",
                    GoogleEndpoints.Token,
                    GoogleEndpoints.Authorization,
                    null,
                    Required($"{setting}:Google:ClientId", mailbox.Google.ClientId),
                    Required($"{setting}:Google:ClientSecret", mailbox.Google.ClientSecret),
                    GoogleEndpoints.Scope)
                {
                    // Google issues a refresh token only for offline access, and the second time only after a new consent.
                    Parameters = [("login_hint", mailbox.Username), ("access_type", "offline"), ("prompt", "consent")],
                };

            case MailboxAuthentication.OAuth:
                var oauth = mailbox.OAuth;
                return new ConsentProvider(
                    $"{setting}:OAuth:RefreshToken",
                    Check($"{setting}:OAuth:TokenEndpoint", oauth.TokenEndpoint),
                    device ? null : Check($"{setting}:OAuth:AuthorizationEndpoint", oauth.AuthorizationEndpoint),
                    device ? Check($"{setting}:OAuth:DeviceEndpoint", oauth.DeviceEndpoint) : null,
                    Required($"{setting}:OAuth:ClientId", oauth.ClientId),
                    oauth.ClientSecret,
                    oauth.Scope)
                {
                    Parameters = [("login_hint", mailbox.Username)],
                };

            default:
                throw new SettingsException(
                    $"{setting}:Authentication is Password, which needs no consent: set it to Microsoft, Google or OAuth.");
        }
    }

    private static Uri Check(string setting, string? address) => OAuthAddress.Fault(Required(setting, address)) is { } fault
        ? throw new SettingsException($"{setting} {fault}")
        : new Uri(address!);

    private static string Required(string setting, string? value) =>
        !string.IsNullOrEmpty(value) ? value : throw new SettingsException($"{setting} is missing: signin needs it.");

    // Keeps the secret out of logs and errors.
    public override string ToString() => Token.Authority;
}
