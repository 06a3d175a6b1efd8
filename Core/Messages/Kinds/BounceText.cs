using System.Buffers;
using System.Text;
using EmailIngestion.Messages.Content;
using MimeKit;
using MimeKit.Utils;

namespace EmailIngestion.Messages.Kinds;

/// <summary>
/// Reads the reports of servers that do not write RFC 3464, such as qmail, Exim and old versions of Postfix, sendmail and Exchange: a
/// fixed sentence, then each recipient with the reason, then the original email.
/// </summary>
internal static class BounceText
{
    private const int MaxRecipients = 100;
    private const int MaxTextBytes = 64 * 1024;
    private const int MaxDiagnostic = 500;

    private static readonly SearchValues<char> AddressEnds = SearchValues.Create(" \t<>'\":;,");

    // The sentences that begin a report. Each is of one server's program.
    private static readonly string[] Openings =
    [
        "This is the qmail-send program at", "This message was created automatically by mail delivery software",
        "This is the mail system at host", "This is the Postfix program at host", "The original message was received at",
        "Your message did not reach some or all of the intended recipients", "Delivery to the following recipient",
        "This is a delivery status notification", "This is an automatically generated Delivery Status Notification",
        "The following addresses had permanent fatal errors", "The following message to <", "Sorry, we were unable to deliver your message",
        "Unable to deliver message to the following recipient", "A message that you sent could not be delivered",
        "I wasn't able to deliver your message", "Your mail could not be delivered", "Diese Nachricht wurde automatisch vom Mailserver",
    ];

    // The lines that begin the original email.
    private static readonly string[] Originals =
    [
        "--- Below this line is a copy", "This is a copy of the message", "This is a copy of your message", "Original message",
        "Headers of the original",
    ];

    /// <summary>The report; null when the email is none. An email with the type of a report is one, whatever its text.</summary>
    public static ParsedBounce? Read(EmailConversion email, List<MimeEntity> parts, bool isReport)
    {
        var failed = FailedRecipients(email.Mime.Headers);
        var text = parts.Find(part => part is TextPart { IsPlain: true }) is { } part ? SmallText.Read(part, MaxTextBytes, out _) : "";
        if (!isReport && failed.Count == 0 && !Openings.Any(sentence => text.Contains(sentence, StringComparison.OrdinalIgnoreCase)))
            return null;
        var (found, originalId) = Lines(text);
        var recipients = found.Select(pair => Recipient(pair.Address, pair.Reason.ToString(), text)).ToList();
        foreach (var address in failed.Where(address => !recipients.Exists(other => Same(other.Address, address))))
            recipients.Add(Recipient(address, "", text));
        return new ParsedBounce { OriginalMessageId = originalId, Recipients = [.. recipients.Take(MaxRecipients)] };
    }

    /// <summary>A message ID without its angle brackets; null when there is none.</summary>
    public static string? MessageId(string value) =>
        MimeUtils.ParseMessageId(value) is { Length: > 0 } id ? BoundedText.Line(id) : null;

    private static (List<(string Address, StringBuilder Reason)> Recipients, string? OriginalId) Lines(string text)
    {
        var recipients = new List<(string Address, StringBuilder Reason)>();
        StringBuilder? reason = null;
        var isOriginal = false;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (isOriginal && line.StartsWith("Message-ID:", StringComparison.OrdinalIgnoreCase))
                return (recipients, MessageId(line["Message-ID:".Length..].ToString()));
            isOriginal |= IsOriginal(line);
            if (isOriginal)
                continue;
            if (recipients.Count < MaxRecipients && Address(line, out var rest) is { } address)
                recipients.Add((address, reason = new StringBuilder(rest.ToString())));
            else if (line.IsWhiteSpace())
                reason = reason is { Length: > 0 } ? null : reason;
            else if (reason is { Length: < 2 * MaxDiagnostic })
                reason.Append(' ').Append(line.Trim()[..Math.Min(line.Trim().Length, MaxDiagnostic)]);
        }

        return (recipients, null);
    }

    private static bool Same(string? one, string other) => other.Equals(one, StringComparison.OrdinalIgnoreCase);

    private static ParsedBounceRecipient Recipient(string address, string reason, string text)
    {
        var diagnostic = BoundedText.Line(reason.Trim(), MaxDiagnostic);
        var status = StatusCode.Find(diagnostic);
        var isDelayed = status?[0] == '4' || text.Contains("has been delayed", StringComparison.OrdinalIgnoreCase)
            || text.Contains("THIS IS A WARNING MESSAGE ONLY", StringComparison.OrdinalIgnoreCase);
        return new ParsedBounceRecipient(address, isDelayed ? "delayed" : "failed", status, diagnostic.Length == 0 ? null : diagnostic);
    }

    // Exim's header, with the addresses separated by commas.
    private static List<string> FailedRecipients(HeaderList headers) =>
    [
        .. headers.Where(header => header.Field.Equals("X-Failed-Recipients", StringComparison.OrdinalIgnoreCase))
            .SelectMany(header => header.Value.Split(','))
            .Select(address => address.Trim())
            .Where(address => address.Length is > 2 and <= 320 && address.Contains('@', StringComparison.Ordinal))
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Take(MaxRecipients),
    ];

    private static bool IsOriginal(ReadOnlySpan<char> line)
    {
        if (!line.StartsWith('-') && !line.StartsWith('='))
            return false;
        foreach (var start in Originals)
        {
            if (line.Contains(start, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    // A line that is an address or begins with one: "<ann@example.org>: reason", "  ann@example.org", "'ann@example.org' on 1/2/2003".
    private static string? Address(ReadOnlySpan<char> line, out ReadOnlySpan<char> rest)
    {
        line = line.Trim();
        rest = default;
        var isOpen = line is ['<' or '\'' or '"', ..];
        if (isOpen)
            line = line[1..];
        var end = line.IndexOfAny(AddressEnds);
        var address = end < 0 ? line : line[..end];
        var at = address.IndexOf('@');
        if (at <= 0 || at == address.Length - 1 || address.Length > 320 || address[(at + 1)..].Contains('@'))
            return null;
        rest = line[address.Length..].TrimStart(">'\"");
        if (rest is [':', ..])
            rest = rest[1..];
        else if (!rest.IsWhiteSpace() && !rest.TrimStart().StartsWith("on "))
            return null;
        if (rest.TrimStart().StartsWith("on "))
            rest = default;
        rest = rest.Trim();
        return address.ToString();
    }
}
