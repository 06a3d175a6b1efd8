namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>The addresses and scopes of Microsoft Entra ID. Pure.</summary>
internal static class MicrosoftEndpoints
{
    private const string ApplicationScope = "https://outlook.office365.com/.default";
    private const string UserScope = "https://outlook.office.com/IMAP.AccessAsUser.All offline_access";

    // The directories of all users.
    private const string AnyTenant = "common";

    public static Uri Of(MicrosoftOptions options, string operation) => new(
        $"{options.Authority.TrimEnd('/')}/{Uri.EscapeDataString(options.Tenant is { Length: > 0 } tenant ? tenant : AnyTenant)}"
        + $"/oauth2/v2.0/{operation}");

    public static string ScopeOf(MicrosoftOptions options) =>
        options.Scope is { Length: > 0 } scope ? scope : string.IsNullOrEmpty(options.RefreshToken) ? ApplicationScope : UserScope;

    /// <summary>The scope to which a user consents.</summary>
    public static string UserScopeOf(MicrosoftOptions options) => options.Scope is { Length: > 0 } scope ? scope : UserScope;
}
