using MimeKit;

namespace EmailIngestion.Messages.Kinds;

/// <summary>The header fields by which programs say that they sent an email.</summary>
internal static class RobotSigns
{
    private static readonly string[] Replies = ["X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-Mail-Autoreply"];

    // They are also in mail from people, as in mail that a rule of Exchange redirects.
    private static readonly string[] Doubtful =
        ["X-Auto-Response-Suppress", "X-MS-Exchange-Inbox-Rules-Loop", "X-MS-Exchange-Generated-Message-Source"];

    private static readonly string[] Lists =
        ["List-Id", "List-Unsubscribe", "List-Post", "List-Help", "List-Subscribe", "X-Mailing-List", "Mailing-List", "X-BeenThere"];

    // In the five languages of docs/email.md, as Exchange, Gmail and others write them.
    private static readonly string[] Subjects =
    [
        "automatic reply", "auto reply", "auto-reply", "autoreply", "auto:", "out of office", "out-of-office",
        "automatische antwort", "abwesenheitsnotiz", "abwesenheit", "réponse automatique", "absence du bureau", "message d'absence",
        "risposta automatica", "fuori sede", "respuesta automática", "respuesta automatica", "fuera de la oficina",
    ];

    /// <summary>Whether a program answered (RFC 3834).</summary>
    public static bool IsReply(HeaderList headers) =>
        AutoSubmitted(headers).StartsWith("auto-replied", StringComparison.OrdinalIgnoreCase)
        || Replies.Any(name => IsOn(headers[name]))
        || Precedence(headers) is "auto_reply" or "auto-reply"
        || ((Doubtful.Any(headers.Contains) || IsBulkPrecedence(headers)) && HasReplySubject(headers));

    /// <summary>Whether a program wrote the email on its own. No answer reaches a sender without a return path (RFC 5321).</summary>
    public static bool IsNotice(HeaderList headers) =>
        (AutoSubmitted(headers) is { Length: > 0 } value && !value.StartsWith("no", StringComparison.OrdinalIgnoreCase))
        || IsFromServer(headers);

    /// <summary>Whether the email goes to many.</summary>
    public static bool IsBulk(HeaderList headers) =>
        Lists.Any(headers.Contains)
        || IsBulkPrecedence(headers)
        // Amazon SES adds it to all mail, also from people.
        || (headers["Feedback-ID"] is { } feedback && !feedback.TrimEnd().EndsWith(":AmazonSES", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a mail server sent the email: it has an empty return path, or it is from MAILER-DAEMON or the postmaster.</summary>
    public static bool IsFromServer(HeaderList headers) =>
        headers[HeaderId.ReturnPath]?.Trim() == "<>"
        || (headers[HeaderId.From] is { } from && IsServer(from));

    private static bool IsServer(string from) =>
        from.Contains("MAILER-DAEMON", StringComparison.OrdinalIgnoreCase)
        || from.Contains("postmaster@", StringComparison.OrdinalIgnoreCase);

    private static string AutoSubmitted(HeaderList headers) => headers["Auto-Submitted"]?.Trim() ?? "";

    private static bool HasReplySubject(HeaderList headers) =>
        headers[HeaderId.Subject]?.TrimStart() is { } subject
        && Subjects.Any(start => subject.StartsWith(start, StringComparison.OrdinalIgnoreCase));

    private static string? Precedence(HeaderList headers) => headers[HeaderId.Precedence]?.Trim().ToLowerInvariant();

    private static bool IsBulkPrecedence(HeaderList headers) => Precedence(headers) is "bulk" or "list" or "junk";

    private static bool IsOn(string? value) =>
        value is not null && value.Trim().ToLowerInvariant() is not ("no" or "false" or "0");
}
