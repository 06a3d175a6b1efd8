using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Extensions;

namespace EmailIngestion.Mailboxes.SignIn.Consent;

/// <summary>One request for consent, with its state and its PKCE verifier (RFC 7636).</summary>
/// <param name="provider">The provider.</param>
/// <param name="redirect">The address to which the provider sends the browser back.</param>
internal sealed class AuthorizationRequest(ConsentProvider provider, Uri redirect)
{
    private const int RandomBytes = 32;

    private readonly string _state = Random();
    private readonly string _verifier = Random();

    /// <summary>The address for the person's browser.</summary>
    public Uri Address
    {
        get
        {
            var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(_verifier)));
            (string Name, string? Value)[] parameters =
            [
                ("response_type", "code"),
                ("client_id", provider.ClientId),
                ("redirect_uri", redirect.OriginalString),
                ("scope", provider.Scope),
                ("state", _state),
                ("code_challenge", challenge),
                ("code_challenge_method", "S256"),
                .. provider.Parameters,
            ];
            var query = new QueryBuilder(
                parameters.Where(one => !string.IsNullOrEmpty(one.Value)).Select(one => KeyValuePair.Create(one.Name, one.Value!)));
            var separator = provider.Authorization!.Query.Length > 0 ? "&" : "?";
            return new Uri(provider.Authorization.OriginalString + separator + query.ToString()[1..]);
        }
    }

    /// <summary>Whether an answer belongs to this request. Another page could call the listener too.</summary>
    public bool IsState(string? state) => state is not null
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(state), Encoding.UTF8.GetBytes(_state));

    /// <summary>The parameters that exchange the code for tokens.</summary>
    public IEnumerable<(string Name, string? Value)> Exchange(string code) =>
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect.OriginalString),
        ("client_id", provider.ClientId),
        ("client_secret", provider.ClientSecret),
        ("code_verifier", _verifier),
    ];

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));
}
