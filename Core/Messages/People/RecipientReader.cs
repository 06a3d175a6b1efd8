using EmailIngestion.Messages.Text;

namespace EmailIngestion.Messages.People;

/// <summary>Finds the address to which an email was delivered.</summary>
internal static class RecipientReader
{
    // The names in their order: what the last server wrote comes first.
    private static readonly string[] Names = ["Delivered-To", "X-Original-To", "Envelope-To"];

    /// <summary>
    /// Reads the first address of the topmost Delivered-To, else X-Original-To, else Envelope-To; null when there is none.
    /// </summary>
    public static string? Read(EmailConversion email)
    {
        foreach (var name in Names)
        {
            foreach (var header in email.Mime.Headers)
            {
                if (!header.Field.Equals(name, StringComparison.OrdinalIgnoreCase))
                    continue;
                List<ParsedAddress> people = [];
                AddressParser.Read(HeaderText.Unfold(header.RawValue, email.HeaderCharset), people, 1);
                if (people is [{ Address: { } address }])
                    return address;
                break;
            }
        }

        return null;
    }

    /// <summary>What follows the <c>+</c> in the local part; null when there is none.</summary>
    public static string? Tag(string? recipient)
    {
        if (recipient is null || recipient.IndexOf('+', StringComparison.Ordinal) is not (> 0 and var plus))
            return null;
        var at = recipient.LastIndexOf('@');
        return at > plus + 1 ? recipient[(plus + 1)..at] : null;
    }
}
