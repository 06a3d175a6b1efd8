using MimeKit;

namespace EmailIngestion.Messages.People;

/// <summary>Finds the address to which an email was delivered.</summary>
internal static class RecipientReader
{
    /// <summary>Reads the address from Delivered-To, X-Original-To or Envelope-To; null when there is none.</summary>
    public static string? Read(EmailConversion email)
    {
        foreach (var name in new[] { "Delivered-To", "X-Original-To", "Envelope-To" })
        {
            if (email.Mime.Headers[name] is { } value && MailboxAddress.TryParse(value, out var mailbox))
                return mailbox.Address;
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
