using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace EmailIngestion.Processing;

/// <summary>
/// Signs requests according to Standard Webhooks (standardwebhooks.com): <c>v1,</c> and the base64 of HMAC-SHA256 over
/// <c>id.timestamp.body</c>, for each secret, with spaces between them.
/// </summary>
/// <param name="secrets">The secrets, the current one first.</param>
internal sealed class WebhookSignature(IEnumerable<string> secrets)
{
    private readonly byte[][] _keys = [.. secrets.Select(WebhookSecret.Key)];

    public static WebhookSignature Of(WebhookOptions options) => new(
        string.IsNullOrEmpty(options.PreviousSecret) ? [options.Secret] : [options.Secret, options.PreviousSecret]);

    public string Sign(string id, string timestamp, ReadOnlySequence<byte> body)
    {
        var head = Encoding.UTF8.GetBytes($"{id}.{timestamp}.");
        return string.Join(' ', _keys.Select(key => Sign(key, head, body)));
    }

    private static string Sign(byte[] key, byte[] head, ReadOnlySequence<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(head);
        foreach (var segment in body)
            hmac.AppendData(segment.Span);
        return "v1," + Convert.ToBase64String(hmac.GetHashAndReset());
    }
}
