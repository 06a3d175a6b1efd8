using EmailIngestion.Configuration;

namespace EmailIngestion.Processing;

/// <summary>Validates the webhook's address: https, http to this machine, or http elsewhere if that is allowed.</summary>
internal static class WebhookAddress
{
    /// <summary>Returns the fault of an address; null if it is valid. An address that may contain a password is not repeated.</summary>
    /// <param name="section">The section of the webhook's settings.</param>
    /// <param name="text">The address.</param>
    /// <param name="allowsHttp">Whether http to other machines is allowed.</param>
    public static string? Fault(string section, string text, bool allowsHttp)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
        {
            var value = text.Contains('@', StringComparison.Ordinal) ? "" : $"is '{text}': it ";
            return $"{section}:Url {value}must be an absolute http or https address.";
        }

        if (url.UserInfo.Length > 0)
            return $"{section}:Url contains a user name or a password: remove them. Requests are signed with {section}:Secret.";
        return url.Scheme == Uri.UriSchemeHttp && !allowsHttp && !ThisMachine.Has(url)
            ? $"{section}:Url goes to '{url.Host}' over http, where others can read the mail: "
                + $"use https, or set {section}:AllowHttp=true if the network is trusted."
            : null;
    }
}
