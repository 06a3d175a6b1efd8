using System.Net.Http.Headers;
using System.Text;

namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>The parameters of a request to a token endpoint (RFC 6749). Parameters without a value are left out.</summary>
internal static class TokenRequest
{
    // The parameters that must not appear in an error text that an endpoint returns.
    private static readonly string[] Secret =
        ["client_secret", "refresh_token", "assertion", "client_assertion", "code", "code_verifier", "device_code"];

    private const string Form = "application/x-www-form-urlencoded";
    private const string Replacement = "(secret)";
    private const int ShortestSecret = 4;

    public static HttpRequestMessage Post(Uri endpoint, params IEnumerable<(string Name, string? Value)> parameters)
    {
        var content = new FormUrlEncodedContent(
            parameters.Where(one => !string.IsNullOrEmpty(one.Value)).Select(one => KeyValuePair.Create(one.Name, one.Value!)));
        var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = content };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        return request;
    }

    /// <summary>Removes the secrets of a request from a text of the endpoint, which may repeat them.</summary>
    public static async Task<string> WithoutSecretsAsync(HttpRequestMessage request, string text, CancellationToken cancellationToken)
    {
        if (request.Content is null || request.Content.Headers.ContentType?.MediaType != Form)
            return text;
        var form = await request.Content.ReadAsStringAsync(cancellationToken);
        foreach (var parameter in form.Split('&'))
        {
            if (parameter.Split('=', 2) is not [var name, { Length: >= ShortestSecret } value] || !Secret.Contains(name))
                continue;
            text = text.Replace(value, Replacement, StringComparison.Ordinal)
                .Replace(Decode(value), Replacement, StringComparison.Ordinal);
        }

        return text;
    }

    private static string Decode(string value) => Uri.UnescapeDataString(new StringBuilder(value).Replace('+', ' ').ToString());
}
