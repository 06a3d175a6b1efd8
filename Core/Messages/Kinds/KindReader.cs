using EmailIngestion.Messages.Content;
using MimeKit;

namespace EmailIngestion.Messages.Kinds;

/// <summary>
/// Finds the kind of an email. Only header fields and the structure count, never words alone. The first rule that holds decides: what an
/// email is (a report, an invitation) before how it is sent (by a program, to many), and an answer before a notice to many, since
/// out-of-office programs mark their answers as bulk, too.
/// </summary>
internal static class KindReader
{
    private const int MaxParts = 100;

    public static EmailKind Read(EmailConversion email, ParsedBounce? bounce, ParsedCalendar? calendar)
    {
        var headers = email.Mime.Headers;
        var report = (email.Mime.Body as Multipart)?.ContentType is { MediaSubtype: { } subtype } type
            && subtype.Equals("report", StringComparison.OrdinalIgnoreCase)
            ? type.Parameters["report-type"] ?? ""
            : null;
        if (report is not null && IsReceipt(email.Mime.Body, report))
            return EmailKind.ReadReceipt;
        if (bounce is not null)
            return EmailKind.Bounce;
        // Complaints (RFC 5965), reports on TLS (RFC 8460) and the like: services send them to all whom they concern.
        if (report is not null)
            return EmailKind.Bulk;
        if (calendar is not null && IsScheduling(email.Mime.Body))
            return EmailKind.Calendar;
        if (RobotSigns.IsReply(headers))
            return EmailKind.AutoReply;
        if (RobotSigns.IsBulk(headers))
            return EmailKind.Bulk;
        return RobotSigns.IsNotice(headers) ? EmailKind.AutoReply : EmailKind.Message;
    }

    private static bool IsReceipt(MimeEntity? body, string reportType) =>
        reportType.Equals("disposition-notification", StringComparison.OrdinalIgnoreCase)
        || EntityParts.Leaves(body, MaxParts).Any(part => part.ContentType.IsMimeType("message", "disposition-notification"));

    // A calendar file that a person attaches has no method parameter (RFC 6047). Published events want no answer.
    private static bool IsScheduling(MimeEntity? body) =>
        EntityParts.Leaves(body, MaxParts).Any(part =>
            part.ContentType.IsMimeType("text", "calendar")
            && part.ContentType.Parameters["method"]?.Trim().ToUpperInvariant()
                is "REQUEST" or "REPLY" or "CANCEL" or "ADD" or "REFRESH" or "COUNTER" or "DECLINECOUNTER");
}
