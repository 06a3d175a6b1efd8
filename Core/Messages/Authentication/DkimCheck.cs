using System.Globalization;
using MimeKit;
using MimeKit.Cryptography;

namespace EmailIngestion.Messages.Authentication;

/// <summary>Checks the DKIM signatures of an email (RFC 6376) by MimeKit.</summary>
internal static class DkimCheck
{
    private const int MaxSignatures = 10;
    private const int MaxSignatureBytes = 16 * 1024;
    private const int MaxSignedNames = 256;

    // Each signature hashes the body. This takes about a second.
    private const long MaxHashedBytes = 256 * 1024 * 1024;

    /// <summary>The result of each signature, in the order of the email, at most 10; empty without signatures.</summary>
    public static IReadOnlyList<ParsedAuthenticationResult> Run(EmailConversion email, IDkimKeys keys)
    {
        var signatures = email.Mime.Headers.Where(header => header.Id == HeaderId.DkimSignature).ToList();
        if (signatures.Count == 0 || email.Structure.IsBodyOnly)
            return [];
        if (signatures.Count > MaxSignatures)
            email.AddTruncated("authentication");
        var message = SignedMessage.Of(email);
        var locator = new DkimKeyLocator(keys);
        var hashed = 0L;
        var results = new List<ParsedAuthenticationResult>();
        foreach (var header in message?.Headers.Where(header => header.Id == HeaderId.DkimSignature) ?? signatures)
        {
            if (results.Count == MaxSignatures)
                break;
            email.CancellationToken.ThrowIfCancellationRequested();
            var tags = DkimTags.Read(header.RawValue.Length <= MaxSignatureBytes ? header.Value : "");
            hashed += email.Message.Length;
            var (result, reason) = message is null ? (DkimResults.Neutral, "A header field exceeds its bound.")
                : hashed > MaxHashedBytes ? (DkimResults.Neutral, "The email is too large for the check of so many signatures.")
                : Refusal(email, header, tags) ?? Verify(message, header, tags, locator, email.CancellationToken);
            var line = BoundedText.Line(reason);
            results.Add(new ParsedAuthenticationResult(result, Name(tags["d"]), Name(tags["s"]), line.Length > 0 ? line : null));
        }

        return results;
    }

    // What MimeKit does not check, or checks at a large cost.
    private static (string Result, string Reason)? Refusal(EmailConversion email, Header header, DkimTags tags)
    {
        if (header.RawValue.Length > MaxSignatureBytes)
            return (DkimResults.PermError, "The signature is too long.");
        if (tags["a"]?.Equals("rsa-sha1", StringComparison.OrdinalIgnoreCase) == true)
            return (DkimResults.PermError, "SHA-1 is not accepted (RFC 8301).");
        if (!tags.Allows("q", "dns/txt"))
            return (DkimResults.PermError, "The key is not in DNS.");
        if (tags["h"]?.Count(character => character == ':') >= MaxSignedNames)
            return (DkimResults.PermError, "The signature has too many names of fields.");
        // The time of arrival, so that each delivery gives the same result.
        var isExpired = tags["x"] is { } expires
            && long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && email.Message.Date.ToUnixTimeSeconds() > seconds;
        if (isExpired)
            return (DkimResults.Fail, "The signature had expired when the email arrived.");
        // MimeKit reads 31 bits of a time.
        var isBeyond = tags["t"] is { } time
            && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var signed) && signed > int.MaxValue;
        return isBeyond ? (DkimResults.Neutral, "The time of the signature is after 2038, which this check cannot read.") : null;
    }

    private static (string Result, string Reason) Verify(
        MimeMessage message, Header header, DkimTags tags, DkimKeyLocator locator, CancellationToken cancellationToken)
    {
        locator.Begin(tags);
        try
        {
            var isValid = new DkimVerifier(locator).Verify(message, header, cancellationToken);
            if (!isValid)
                return (DkimResults.Fail, locator.IsAsked ? "The signature does not match the header." : "The body was changed.");
            // Anybody could have added the rest.
            if (tags["l"] is not null)
                return (DkimResults.Neutral, "The signature covers only a part of the body (l=).");
            return (DkimResults.Pass, locator.IsTest ? "The domain tests DKIM (t=y)." : "");
        }
        catch (DkimException e)
        {
            return (e.Result, e.Message);
        }
        catch (FormatException e)
        {
            return (DkimResults.PermError, e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The decoders of keys and signatures may throw anything for bytes from outside.
            return (DkimResults.PermError, "The key or the signature cannot be read.");
        }
    }

    private static string? Name(string? tag) =>
        tag is { Length: > 0 and <= 255 } && BoundedText.Line(tag) == tag ? tag.ToLowerInvariant() : null;
}
