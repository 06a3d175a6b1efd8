using MimeKit;

namespace EmailIngestion.Messages.Authentication;

/// <summary>
/// Finds the Authentication-Results fields that the trusted server wrote for this email. Everybody can write such a field into an email,
/// with any authserv-id, and not every server removes those (RFC 8601, section 5). So the place counts: each server puts its fields above
/// those of the email as it was sent.
/// <list type="bullet">
/// <item>Above the Received field with the sender's address (Fastmail, Postfix with milters): nobody else can write there. The topmost
/// trusted field and those between it and the next Received field are believed.</item>
/// <item>Below it (Gmail, iCloud, rspamd): the sender's own fields may follow at once. Only the topmost field of each trusted server is
/// believed.</item>
/// <item>Below a field of the sender, such as From or Subject: nothing is believed.</item>
/// </list>
/// What remains is the server's own part: it writes its field into every email, or removes those of others.
/// </summary>
internal static class TrustedFields
{
    /// <summary>The believed fields with the names of their servers, in the order of the email.</summary>
    public static IReadOnlyList<(string Server, AuthenticationField Field)> Find(HeaderList headers, TrustedServers servers)
    {
        var fields = new List<(string Server, AuthenticationField Field)>();
        var isBelowOutside = false;
        foreach (var header in headers)
        {
            if (header.Id is HeaderId.From or HeaderId.Sender or HeaderId.ReplyTo or HeaderId.To or HeaderId.Cc or HeaderId.Subject
                or HeaderId.MimeVersion)
            {
                break;
            }

            if (header.Id == HeaderId.Received)
            {
                if (fields.Count > 0)
                    break;
                isBelowOutside |= ReceivedField.IsFromOutside(header.RawValue);
            }

            if (header.Id != HeaderId.AuthenticationResults)
                continue;
            // A field that cannot be read may be the server's. Those below it are older or forged.
            if (AuthenticationFieldParser.Parse(header.RawValue) is not { } field)
                break;
            if (servers.Find(field.Server) is { } server && !(isBelowOutside && fields.Exists(other => other.Server == server)))
                fields.Add((server, field));
        }

        return fields;
    }
}
