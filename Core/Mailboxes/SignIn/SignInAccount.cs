using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>
/// An account that gets access tokens. Mailboxes with equal settings share it and its token: the folders of one user, and all mailboxes of
/// an application of Entra ID.
/// </summary>
/// <param name="Digest">The SHA-256 of the settings, which have secrets.</param>
internal sealed record SignInAccount(string Digest)
{
    /// <summary>The account of a mailbox; null if it has a password.</summary>
    public static SignInAccount? Of(MailboxOptions mailbox)
    {
        // Only a service account gets a token for one user.
        var user = mailbox.Google.ServiceAccountFile is { Length: > 0 } ? mailbox.Username : null;
        return mailbox.Authentication switch
        {
            MailboxAuthentication.Microsoft => Of("microsoft", mailbox.Microsoft, SignInJson.Default.MicrosoftOptions),
            MailboxAuthentication.Google => Of($"google {user}", mailbox.Google, SignInJson.Default.GoogleOptions),
            MailboxAuthentication.OAuth => Of("oauth", mailbox.OAuth, SignInJson.Default.OAuthOptions),
            _ => null,
        };
    }

    private static SignInAccount Of<T>(string kind, T settings, JsonTypeInfo<T> type) => new(
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{kind}\n{JsonSerializer.Serialize(settings, type)}"))));
}
