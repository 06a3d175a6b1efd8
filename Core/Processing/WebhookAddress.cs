using System.Net;

namespace EmailIngestion.Processing;

/// <summary>Where the webhook's requests may go: over TLS, or to this machine, or in plain text where that is allowed.</summary>
internal static class WebhookAddress
{
    /// <summary>What is wrong with an address; null if nothing is. An address that may hold a password is not repeated.</summary>
    public static string? Fault(string text, bool allowsHttp)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
            return $"Webhook:Url {(text.Contains('@', StringComparison.Ordinal) ? "" : $"is '{text}': it ")}must be an absolute http or https address.";
        if (url.UserInfo.Length > 0)
            return "Webhook:Url holds a user name or a password: the requests are signed with Webhook:Secret, and have no other sign-in.";
        return url.Scheme == Uri.UriSchemeHttp && !allowsHttp && !IsThisMachine(url)
            ? $"Webhook:Url goes to '{url.Host}' over http, where others can read the mail: use https, or set Webhook:AllowHttp=true if the network is trusted."
            : null;
    }

    private static bool IsThisMachine(Uri url) =>
        url.IdnHost.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(url.DnsSafeHost, out var address) && IPAddress.IsLoopback(address));
}
