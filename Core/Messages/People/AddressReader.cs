using System.Text.Json;
using EmailIngestion.Messages.Text;
using MimeKit;

namespace EmailIngestion.Messages.People;

/// <summary>Reads address headers.</summary>
internal static class AddressReader
{
    private const int MaxPeople = 1_000;

    private static readonly ParsedAddress[] None = [];

    /// <summary>Reads the addresses of all fields of this name, in their order: at most 1,000.</summary>
    public static IReadOnlyList<ParsedAddress> Read(EmailConversion email, HeaderId id)
    {
        List<ParsedAddress>? people = null;
        foreach (var header in email.Mime.Headers)
        {
            if (header.Id != id)
                continue;
            email.CancellationToken.ThrowIfCancellationRequested();
            people ??= [];
            if (AddressParser.Read(HeaderText.Unfold(header.RawValue, email.HeaderCharset), people, MaxPeople))
                continue;
            email.AddTruncated(JsonNamingPolicy.CamelCase.ConvertName(id.ToString()));
            break;
        }

        return people ?? (IReadOnlyList<ParsedAddress>)None;
    }
}
