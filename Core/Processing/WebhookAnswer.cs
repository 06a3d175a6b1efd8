using EmailIngestion.Messages;

namespace EmailIngestion.Processing;

/// <summary>Classifies answers of a webhook's receiver other than 2xx.</summary>
internal static class WebhookAnswer
{
    private const int MaxLine = 200;

    private static readonly int[] DefaultPermanent = [400, 413, 415, 422];

    /// <summary>Returns the failure for an answer.</summary>
    /// <param name="reply">An answer that is not 2xx.</param>
    /// <param name="section">The section of the webhook's settings.</param>
    /// <param name="options">The webhook's settings.</param>
    public static Exception Failure(WebhookReply reply, string section, WebhookOptions options)
    {
        var status = (int)reply.Status;
        var said = FirstLine(reply.Text) is { Length: > 0 } line ? $": {line}{(line[^1] is '.' or '!' or '?' ? "" : ".")}" : "";
        var answer = $"{Name(section)} answered {status}";
        // The receiver does not read gzip (RFC 7694): no email is the cause.
        var isCompression = status == 415 && options.Compression != WebhookCompression.None;
        if (!isCompression && (options.PermanentStatusCodes ?? DefaultPermanent).Contains(status))
            return new PermanentFailureException(answer + (said.Length > 0 ? said : "."));
        var setup = isCompression ? $"it does not accept the compression; check {section}:Compression." : Setup(status, section);
        if (setup is null)
            return new TransientFailureException(answer + (said.Length > 0 ? said : "."), reply.RetryAfter);
        var advice = said.Length > 0 ? $"{said} {char.ToUpperInvariant(setup[0])}{setup[1..]}" : $": {setup}";
        return new TransientFailureException(answer + advice, reply.RetryAfter) { RefusesAll = true };
    }

    /// <summary>Returns what a message calls the webhook.</summary>
    public static string Name(string section) =>
        section == WebhookOptions.Section ? "The webhook" : $"The webhook {section[(WebhookNames.NamedSection.Length + 1)..]}";

    // The first line that is not blank.
    private static string FirstLine(string text)
    {
        foreach (var range in text.AsSpan().Split('\n'))
        {
            if (BoundedText.Line(text[range].Trim(), MaxLine) is { Length: > 0 } line)
                return line;
        }

        return "";
    }

    // Returns what to check for a status code that rejects every email, until the settings here or at the receiver are corrected. Null: the
    // receiver fails for the moment.
    private static string? Setup(int status, string section) => status switch
    {
        408 or 425 or 429 or < 300 or >= 500 => null,
        < 400 => $"it redirects, and redirects are not followed; check {section}:Url.",
        401 or 403 or 407 => $"it does not accept the request; check {section}:Url and {section}:Secret.",
        404 or 405 or 410 or 421 => $"it accepts no emails at this address; check {section}:Url.",
        _ => $"it rejects the request; check {section}:Url and the receiver.",
    };
}
