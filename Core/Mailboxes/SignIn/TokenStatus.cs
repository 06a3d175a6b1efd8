using System.Buffers.Text;
using EmailIngestion.Messages;

namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>
/// Reads the status that a mail server sends with a refused token (RFC 7628, section 3.2.2): JSON in base64, as a continuation. Pure.
/// </summary>
internal static class TokenStatus
{
    private const int MaxLength = 40;

    /// <summary>The status as " (status 400)", to follow the server's text; empty if there is none.</summary>
    public static string Of(string challenge)
    {
        if (!Base64.IsValid(challenge))
            return "";
        var fields = TokenJson.Parse(Convert.FromBase64String(challenge));
        var status = BoundedText.Line(fields?.GetValueOrDefault("status") ?? "", MaxLength);
        return status.Length > 0 ? $" (status {status})" : "";
    }
}
