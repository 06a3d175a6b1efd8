using MimeKit;

namespace EmailIngestion.Messages.People;

/// <summary>Reads address headers.</summary>
internal static class AddressReader
{
    /// <summary>Reads the addresses of the first field of this name, in their order.</summary>
    public static IReadOnlyList<ParsedAddress> Read(EmailConversion email, HeaderId id)
    {
        email.CancellationToken.ThrowIfCancellationRequested();
        return email.Mime.Headers[id] is { } value && InternetAddressList.TryParse(value, out var list)
            ? [.. list.Mailboxes.Select(mailbox => new ParsedAddress(mailbox.Name is "" ? null : mailbox.Name, mailbox.Address))]
            : [];
    }
}
