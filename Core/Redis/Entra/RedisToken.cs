using System.Buffers.Text;
using System.Text.Json;
using Azure.Core;
using EmailIngestion.Messages;

namespace EmailIngestion.Redis.Entra;

/// <summary>A token of Microsoft Entra ID for Redis, and the user whom it signs in.</summary>
internal sealed class RedisToken
{
    // The part of its life after which a token is renewed.
    private const double RenewedAfter = 0.75;

    private const int MaxUser = 256;

    private RedisToken(string value, string user, DateTimeOffset now, DateTimeOffset expiresOn) =>
        (Value, User, ExpiresOn, RenewAt) = (value, user, expiresOn, now + ((expiresOn - now) * RenewedAfter));

    /// <summary>The token itself. It must be in no log and in no status.</summary>
    public string Value { get; }

    public string User { get; }

    public DateTimeOffset ExpiresOn { get; }

    public DateTimeOffset RenewAt { get; }

    /// <exception cref="RedisSignInException">The token is no token for a user of Redis, or has run out.</exception>
    public static RedisToken Of(AccessToken token, string? user, DateTimeOffset now)
    {
        if (token.ExpiresOn <= now)
        {
            throw new RedisSignInException(
                $"Microsoft Entra ID gives a token for Redis that ran out at {token.ExpiresOn:u}; check the clock.");
        }

        var name = string.IsNullOrEmpty(user) ? ObjectId(token.Token) : user;
        return name is null
            ? throw new RedisSignInException(
                "Microsoft Entra ID gives a token for Redis without an object ID (oid): set Streams:User to that of the identity.")
            : new RedisToken(token.Token, name, now, token.ExpiresOn);
    }

    // The middle part of a JSON Web Token (RFC 7519) has its claims.
    private static string? ObjectId(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || !Base64Url.IsValid(parts[1]))
            return null;
        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
            return claims.RootElement.ValueKind == JsonValueKind.Object && claims.RootElement.TryGetProperty("oid", out var id)
                && id.ValueKind == JsonValueKind.String && BoundedText.Line(id.GetString()!, MaxUser) is { Length: > 0 } text
                ? text
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
