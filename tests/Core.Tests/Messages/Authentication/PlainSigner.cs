using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace EmailIngestion.Core.Tests.Messages.Authentication;

/// <summary>
/// Signs by RFC 6376 alone, without MimeKit, so that a fault of MimeKit does not meet itself: <c>c=simple/simple</c> or
/// <c>c=simple/relaxed</c>, rsa-sha256.
/// </summary>
internal static partial class PlainSigner
{
    public const string Name = "s1._domainkey.sender.test";

    private static readonly RSA Key = RSA.Create(2048);

    /// <summary>The key record.</summary>
    public static string Record { get; } = $"v=DKIM1; k=rsa; p={Convert.ToBase64String(Key.ExportSubjectPublicKeyInfo())}";

    /// <summary>Signs the From and the Content-Type of a message, and its body.</summary>
    public static byte[] Sign(string from, string contentType, byte[] body, bool relaxed = false, string tags = "")
    {
        var lines = $"From: {from}\r\nContent-Type: {contentType}\r\n";
        var text = LineFeed().Replace(Encoding.Latin1.GetString(body), "\r\n");
        if (relaxed)
            text = Blanks().Replace(BlanksAtEnd().Replace(text, "\r\n"), " ");
        text = LinesAtEnd().Replace(text, "");
        text = text.Length > 0 || !relaxed ? text + "\r\n" : "";
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.Latin1.GetBytes(text)));
        var signature = $"DKIM-Signature: v=1; a=rsa-sha256; c=simple/{(relaxed ? "relaxed" : "simple")}; d=sender.test; s=s1;{tags}\r\n"
            + $" h=From:Content-Type; bh={hash};\r\n b=";
        var data = Encoding.ASCII.GetBytes(lines + signature);
        var signed = Convert.ToBase64String(Key.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        return [.. Encoding.ASCII.GetBytes($"{signature}{signed}\r\n{lines}\r\n"), .. body];
    }

    [GeneratedRegex("(?<!\r)\n")]
    private static partial Regex LineFeed();

    [GeneratedRegex("[ \t]+(\r\n|$)")]
    private static partial Regex BlanksAtEnd();

    [GeneratedRegex("[ \t]+")]
    private static partial Regex Blanks();

    [GeneratedRegex("(\r\n)+$")]
    private static partial Regex LinesAtEnd();
}
