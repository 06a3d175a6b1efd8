using EmailIngestion.Messages.Content;
using MimeKit;

namespace EmailIngestion.Messages.Kinds;

/// <summary>
/// Reads reports of failed, delayed or successful deliveries: those of RFC 3464, and the texts of servers that do not know it. Such a text
/// counts only if a mail server sent it.
/// </summary>
internal static class BounceReader
{
    private const int MaxParts = 100;
    private const int MaxRecipients = 100;
    private const int MaxStatusBytes = 256 * 1024;
    private const int MaxDiagnostic = 500;
    private const int MaxName = 320;

    /// <summary>The report; null when the email is none.</summary>
    public static ParsedBounce? Read(EmailConversion email)
    {
        var body = email.Mime.Body;
        var isReport = body is Multipart && IsDeliveryReport(body);
        if (!isReport && !RobotSigns.IsFromServer(email.Mime.Headers))
            return null;
        var parts = EntityParts.Leaves(body, MaxParts).ToList();
        if (parts.Find(IsStatus) is { } status)
            return Standard(email, status, parts);
        return BounceText.Read(email, parts, isReport) is { } bounce
            ? bounce with { OriginalMessageId = OriginalId(parts) ?? bounce.OriginalMessageId }
            : null;
    }

    private static ParsedBounce Standard(EmailConversion email, MimeEntity status, List<MimeEntity> parts)
    {
        var groups = StatusFields.Read(SmallText.Read(status, MaxStatusBytes, out _));
        var recipients = groups.Where(IsRecipient).Take(MaxRecipients + 1).Select(Recipient).ToList();
        if (recipients.Count > MaxRecipients)
        {
            email.AddTruncated("bounce");
            recipients.RemoveAt(MaxRecipients);
        }

        return new ParsedBounce
        {
            ReportingServer = groups.Select(group => Value(group, "Reporting-MTA")).FirstOrDefault(value => value is not null) is { } server
                ? Line(server, MaxName)
                : null,
            OriginalMessageId = OriginalId(parts),
            Recipients = recipients,
        };
    }

    private static ParsedBounceRecipient Recipient(IReadOnlyDictionary<string, string> group)
    {
        var address = Value(group, "Final-Recipient") ?? Value(group, "Original-Recipient");
        var action = group.GetValueOrDefault("Action")?.Split(' ', '(')[0].Trim().ToLowerInvariant();
        return new ParsedBounceRecipient(
            address is null ? null : Line(address.Trim('<', '>'), MaxName),
            action is "failed" or "delayed" or "delivered" or "relayed" or "expanded" ? action : null,
            StatusCode.Find(group.GetValueOrDefault("Status")),
            Value(group, "Diagnostic-Code") is { } diagnostic ? Line(diagnostic, MaxDiagnostic) : null);
    }

    // The value without its type, as in "rfc822; ann@example.org". Some servers leave the type out.
    private static string? Value(IReadOnlyDictionary<string, string> group, string name)
    {
        if (!group.TryGetValue(name, out var value))
            return null;
        var semicolon = value.IndexOf(';', StringComparison.Ordinal);
        var isTyped = semicolon >= 0 && value.AsSpan(0, semicolon).Trim().IndexOfAny(" @") < 0;
        value = (isTyped ? value[(semicolon + 1)..] : value).Trim();
        return value.Length == 0 ? null : value;
    }

    private static string? OriginalId(List<MimeEntity> parts)
    {
        foreach (var part in parts)
        {
            // MimeKit reads text/rfc822-headers as a message, too.
            if (part is MessagePart { Message.Headers: { } headers } && headers[HeaderId.MessageId] is { } id)
                return BounceText.MessageId(id);
        }

        return null;
    }

    private static string Line(string text, int length) => BoundedText.Line(text, length);

    private static bool IsRecipient(IReadOnlyDictionary<string, string> group) =>
        group.ContainsKey("Final-Recipient") || group.ContainsKey("Original-Recipient");

    private static bool IsStatus(MimeEntity part) =>
        part.ContentType.IsMimeType("message", "delivery-status") || part.ContentType.IsMimeType("message", "global-delivery-status");

    private static bool IsDeliveryReport(MimeEntity body)
    {
        if (!body.ContentType.IsMimeType("multipart", "report"))
            return false;
        // Some servers leave out the report type.
        return body.ContentType.Parameters["report-type"] is not { Length: > 0 } type
            ? EntityParts.Leaves(body, MaxParts).Any(IsStatus)
            : type.Trim().Equals("delivery-status", StringComparison.OrdinalIgnoreCase);
    }
}
