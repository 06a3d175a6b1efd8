using EmailIngestion.Configuration;

namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>Checks the address of a token endpoint: https, or http on this machine. Pure.</summary>
internal static class OAuthAddress
{
    /// <summary>Returns the fault of an address, to follow the setting's name in a sentence; null if it is valid.</summary>
    public static string? Fault(string? text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp))
            return text?.Contains('@', StringComparison.Ordinal) == true
                ? "must be an absolute https address."
                : $"is '{text}': it must be an absolute https address.";
        if (url.UserInfo.Length > 0 || url.Fragment.Length > 0)
            return "must have no user name, no password and no fragment.";
        return url.Scheme == Uri.UriSchemeHttp && !ThisMachine.Has(url)
            ? $"goes to '{url.Host}' over http, where others can read the secret: use https."
            : null;
    }
}
