using EmailIngestion.Configuration;
using EmailIngestion.Mailboxes.Imap;

namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>Checks how a mailbox signs in. Secrets are not repeated.</summary>
internal static class SignInRules
{
    /// <summary>Returns a line for each fault.</summary>
    /// <param name="mailbox">The mailbox.</param>
    /// <param name="setting">The name of its section.</param>
    public static IEnumerable<string> Faults(MailboxOptions mailbox, string setting)
    {
        foreach (var fault in MechanismFaults(mailbox, setting).Concat(StrayFaults(mailbox, setting)))
            yield return fault;
        if (mailbox.UsesToken && !LoginMechanisms.IsPrivate(mailbox))
        {
            yield return $"{setting}:Security is None and {setting}:Authentication is {mailbox.Authentication}: "
                + "an access token is sent only under TLS. Set Security to Tls or StartTls.";
        }

        var kind = mailbox.Authentication switch
        {
            MailboxAuthentication.Microsoft => MicrosoftFaults(mailbox.Microsoft, $"{setting}:Microsoft"),
            MailboxAuthentication.Google => GoogleFaults(mailbox.Google, $"{setting}:Google"),
            MailboxAuthentication.OAuth => OAuthFaults(mailbox.OAuth, $"{setting}:OAuth"),
            _ => string.IsNullOrEmpty(mailbox.Password) ? [$"{setting}:Password is missing."] : [],
        };
        foreach (var fault in kind)
            yield return fault;
    }

    private static IEnumerable<string> MechanismFaults(MailboxOptions mailbox, string setting)
    {
        var known = mailbox.UsesToken ? LoginMechanisms.WithToken : LoginMechanisms.Known;
        if (mailbox.SaslMechanism is { Length: > 0 } mechanism && !known.Contains(mechanism, StringComparer.OrdinalIgnoreCase))
        {
            var reason = mailbox.UsesToken ? $", since Authentication is {mailbox.Authentication}" : "";
            yield return $"{setting}:SaslMechanism is '{mechanism}'; it must be one of {string.Join(", ", known)}{reason}.";
        }
    }

    // The settings of another kind would have no effect.
    private static IEnumerable<string> StrayFaults(MailboxOptions mailbox, string setting)
    {
        (MailboxAuthentication Kind, bool IsSet)[] kinds =
        [
            (MailboxAuthentication.Microsoft, IsAnySet(
                mailbox.Microsoft.Tenant, mailbox.Microsoft.ClientId, mailbox.Microsoft.ClientSecret, mailbox.Microsoft.ClientCertificate,
                mailbox.Microsoft.RefreshToken)),
            (MailboxAuthentication.Google, IsAnySet(
                mailbox.Google.ServiceAccountFile, mailbox.Google.ClientId, mailbox.Google.ClientSecret, mailbox.Google.RefreshToken)),
            (MailboxAuthentication.OAuth, IsAnySet(
                mailbox.OAuth.TokenEndpoint, mailbox.OAuth.ClientId, mailbox.OAuth.ClientSecret, mailbox.OAuth.RefreshToken)),
        ];
        return kinds.Where(kind => kind.IsSet && kind.Kind != mailbox.Authentication).Select(kind =>
            $"{setting}:{kind.Kind} is set, but {setting}:Authentication is {mailbox.Authentication}: "
            + $"set Authentication to {kind.Kind}, or remove the settings.");
    }

    private static IEnumerable<string> MicrosoftFaults(MicrosoftOptions options, string setting)
    {
        string?[] ways = [options.ClientSecret, options.ClientCertificate];
        if (OAuthAddress.Fault(options.Authority) is { } address)
            yield return $"{setting}:Authority {address}";
        if (IsAnySet(options.RefreshToken))
        {
            if (IsAnySet(options.ClientCertificate))
                yield return $"{setting}:RefreshToken and {setting}:ClientCertificate are both set: set one of them.";
            foreach (var fault in Missing(setting, ("ClientId", options.ClientId)).Concat(TokenFaults(options.RefreshToken, setting)))
                yield return fault;
            yield break;
        }

        if (options.Authority?.StartsWith("http:", StringComparison.OrdinalIgnoreCase) == true)
            yield return $"{setting}:Authority is '{options.Authority}': an application signs in over https only.";
        if (!IsAnySet(ways) && !IsAnySet(Environment.GetEnvironmentVariable("AZURE_FEDERATED_TOKEN_FILE")))
        {
            yield return $"{setting} has no way to sign in: set ClientSecret, ClientCertificate or RefreshToken, "
                + "or run under workload identity (AZURE_FEDERATED_TOKEN_FILE).";
        }

        if (ways.Count(way => IsAnySet(way)) > 1)
            yield return $"{setting}:ClientSecret and {setting}:ClientCertificate are both set: set one of them.";
        if (IsAnySet(ways))
        {
            foreach (var fault in Missing(setting, ("Tenant", options.Tenant), ("ClientId", options.ClientId)))
                yield return fault;
        }

        if (options.ClientCertificate is { Length: > 0 } file && PemFile.KeyFault(file, options.ClientCertificateKey) is { } pem)
            yield return $"{setting}:ClientCertificate {pem}";
    }

    private static IEnumerable<string> GoogleFaults(GoogleOptions options, string setting)
    {
        if (options.ServiceAccountFile is { Length: > 0 } file)
        {
            if (IsAnySet(options.RefreshToken))
                yield return $"{setting}:ServiceAccountFile and {setting}:RefreshToken are both set: set one of them.";
            if (ServiceAccountFile.Fault(file) is { } fault)
                yield return $"{setting}:ServiceAccountFile {fault}";
            yield break;
        }

        if (!IsAnySet(options.RefreshToken))
        {
            yield return $"{setting} has no way to sign in: set ServiceAccountFile, or ClientId, ClientSecret and RefreshToken.";
            yield break;
        }

        foreach (var fault in Missing(setting, ("ClientId", options.ClientId), ("ClientSecret", options.ClientSecret))
            .Concat(TokenFaults(options.RefreshToken, setting)))
            yield return fault;
    }

    private static IEnumerable<string> OAuthFaults(OAuthOptions options, string setting)
    {
        foreach (var fault in Missing(
            setting, ("TokenEndpoint", options.TokenEndpoint), ("ClientId", options.ClientId), ("RefreshToken", options.RefreshToken)))
            yield return fault;
        if (IsAnySet(options.TokenEndpoint) && OAuthAddress.Fault(options.TokenEndpoint) is { } address)
            yield return $"{setting}:TokenEndpoint {address}";
        foreach (var fault in TokenFaults(options.RefreshToken, setting))
            yield return fault;
    }

    private static IEnumerable<string> Missing(string setting, params (string Name, string? Value)[] required) =>
        required.Where(one => !IsAnySet(one.Value)).Select(one => $"{setting}:{one.Name} is missing.");

    private static IEnumerable<string> TokenFaults(string? token, string setting) =>
        IsAnySet(token) && !TokenAnswer.IsToken(token!)
            ? [$"{setting}:RefreshToken is not a refresh token: it has a space, a line break or another character that none has."]
            : [];

    private static bool IsAnySet(params string?[] values) => values.Any(value => !string.IsNullOrEmpty(value));
}
