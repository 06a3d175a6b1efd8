using System.Globalization;

namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>The successful answer of a token endpoint (RFC 6749, section 5.1).</summary>
/// <param name="Token">The access token.</param>
/// <param name="RefreshToken">A new refresh token, if the endpoint rotates them; null otherwise.</param>
internal sealed record TokenAnswer(AccessToken Token, string? RefreshToken)
{
    private const int MaxTokenLength = 16 * 1024;

    // For an answer without expires_in. A refused token is renewed earlier.
    private static readonly TimeSpan AssumedLife = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(7);

    /// <summary>Reads an answer; null if it has no valid token.</summary>
    /// <param name="json">The body.</param>
    /// <param name="now">The time before the request.</param>
    public static TokenAnswer? Read(ReadOnlyMemory<byte> json, DateTimeOffset now)
    {
        if (TokenJson.Parse(json) is not { } fields)
            return null;
        if (!fields.TryGetValue("access_token", out var token) || !IsToken(token))
            return null;
        if (fields.TryGetValue("token_type", out var type) && !type.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
            return null;
        var refresh = fields.GetValueOrDefault("refresh_token");
        return new TokenAnswer(
            new AccessToken(token, now + Life(fields.GetValueOrDefault("expires_in"))),
            refresh is not null && IsToken(refresh) ? refresh : null);
    }

    // Keeps the tokens out of logs and errors.
    public override string ToString() => Token.ToString();

    /// <summary>
    /// Whether a text can be a token: RFC 6750 allows visible ASCII. A control character would change the SASL message that has the token.
    /// </summary>
    public static bool IsToken(string text) => text.Length is > 0 and <= MaxTokenLength && text.All(c => c is > ' ' and <= '~');

    private static TimeSpan Life(string? seconds) =>
        double.TryParse(seconds, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= 0
            ? TimeSpan.FromSeconds(Math.Min(number, LongestLife.TotalSeconds))
            : AssumedLife;
}
