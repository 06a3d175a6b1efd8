using System.Buffers.Text;
using System.Text;

namespace EmailIngestion.Processing;

/// <summary>
/// Reads the key of the signature according to Standard Webhooks: 24 to 64 bytes, written as <c>whsec_</c> and base64. A secret without the
/// prefix is used as plain text.
/// </summary>
internal static class WebhookSecret
{
    public const int MinBytes = 24;
    public const int MaxBytes = 64;

    private const string Prefix = "whsec_";

    /// <exception cref="FormatException">The secret begins with <c>whsec_</c>, and the rest is not base64.</exception>
    public static byte[] Key(string secret) => secret.StartsWith(Prefix, StringComparison.Ordinal)
        ? Convert.FromBase64String(secret[Prefix.Length..])
        : Encoding.UTF8.GetBytes(secret);

    /// <summary>Returns the fault of a secret, without the secret; null if it is valid.</summary>
    public static string? Fault(string setting, string secret)
    {
        var isPrefixed = secret.StartsWith(Prefix, StringComparison.Ordinal);
        if (isPrefixed && !Base64.IsValid(secret.AsSpan(Prefix.Length)))
            return $"{setting} begins with {Prefix}, but the rest is not base64.";
        return Key(secret).Length is var bytes and (< MinBytes or > MaxBytes)
            ? $"{setting} has {bytes} bytes{(isPrefixed ? $" after {Prefix}, decoded" : "")}: "
                + $"the key of the signature must have {MinBytes} to {MaxBytes}."
            : null;
    }
}
