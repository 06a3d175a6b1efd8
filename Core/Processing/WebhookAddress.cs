using System.Net;

namespace EmailIngestion.Processing;

/// <summary>Validates the webhook's address: https, http to this machine, or http elsewhere if that is allowed.</summary>
internal static class WebhookAddress
{
    /// <summary>Returns the fault of an address; null if it is valid. An address that may contain a password is not repeated.</summary>
    public static string? Fault(string text, bool allowsHttp)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
        {
            var value = text.Contains('@', StringComparison.Ordinal) ? "" : $"is '{text}': it ";
            return $"Webhook:Url {value}must be an absolute http or https address.";
        }

        if (url.UserInfo.Length > 0)
            return "Webhook:Url contains a user name or a password: remove them. Requests are signed with Webhook:Secret.";
        return url.Scheme == Uri.UriSchemeHttp && !allowsHttp && !IsThisMachine(url)
            ? $"Webhook:Url goes to '{url.Host}' over http, where others can read the mail: "
                + "use https, or set Webhook:AllowHttp=true if the network is trusted."
            : null;
    }

    private static bool IsThisMachine(Uri url) =>
        url.IdnHost.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(url.DnsSafeHost, out var address) && IPAddress.IsLoopback(address));
}
