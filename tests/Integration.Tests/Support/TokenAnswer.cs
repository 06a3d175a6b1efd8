using System.Buffers.Text;
using System.Text.Json;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>The answer of a <see cref="TokenServer"/>.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Token">The token. Null: the answer is <paramref name="Body"/>.</param>
/// <param name="Lifetime">How long the token is valid, as the answer says.</param>
/// <param name="Body">The answer's text without a token.</param>
/// <param name="RetryAfter">The header Retry-After. Null: none.</param>
internal sealed record TokenAnswer(
    int Status, string? Token = null, TimeSpan Lifetime = default, string Body = "", string? RetryAfter = null)
{
    public const string ObjectId = "5a1d1f0e-0000-4000-8000-00000000abcd";

    /// <summary>A token as Entra ID issues it, without a valid signature, which no server of the tests checks.</summary>
    /// <param name="audience">What it is for.</param>
    /// <param name="lifetime">How long it is valid, as the answer says.</param>
    /// <param name="objectId">The identity.</param>
    /// <param name="accepted">How long servers accept it; null: as long. On a busy machine a short life may end on the way.</param>
    public static TokenAnswer Of(string audience, TimeSpan lifetime, string? objectId = ObjectId, TimeSpan? accepted = null)
    {
        var now = TimeProvider.System.GetUtcNow();
        var claims = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["aud"] = audience,
            ["iss"] = $"https://sts.windows.net/{TokenServer.Tenant}/",
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.AddMinutes(-5).ToUnixTimeSeconds(),
            ["exp"] = (now + (accepted ?? lifetime)).ToUnixTimeSeconds(),
            ["oid"] = objectId,
            ["tid"] = TokenServer.Tenant,
            // Two tokens of the same second are different.
            ["uti"] = Guid.NewGuid().ToString("N"),
        };
        return new TokenAnswer(
            200, $"{Part(new { alg = "RS256", typ = "JWT" })}.{Part(claims)}.{Base64Url.EncodeToString("signature"u8)}", lifetime);
    }

    /// <summary>A refusal in the form of Entra ID.</summary>
    public static TokenAnswer Refused(string error, string description, int status = 400, string? retryAfter = null) => new(
        status,
        Body: JsonSerializer.Serialize(new { error, error_description = description, correlation_id = Guid.NewGuid() }),
        RetryAfter: retryAfter);

    private static string Part(object content) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(content));
}
