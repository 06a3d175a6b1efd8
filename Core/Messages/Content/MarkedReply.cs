using EmailIngestion.Messages.Content.Replies;

namespace EmailIngestion.Messages.Content;

/// <summary>
/// Finds what the sender wrote by the text and, where there is HTML, by the marks that mail programs leave in it. Marks are in every
/// language. The text keeps its own form: the marks tell where it ends.
/// </summary>
internal static class MarkedReply
{
    // "Re:", "AW:", "Odp:"
    private const int MaxPrefix = 5;

    /// <summary>The sender's own text; null when the email has no text.</summary>
    /// <param name="body">The text and the HTML of the email.</param>
    /// <param name="subject">Its subject.</param>
    /// <param name="hasReferences">Whether it refers to another email.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public static string? Read(EmailBody body, string subject, bool hasReferences, CancellationToken cancellationToken)
    {
        if (body.Text is not { } text)
            return null;
        var reply = ReplyReader.Read(text, subject, cancellationToken);
        if (body.Html is not { } html || !HtmlMarks.MayBeIn(html, hasReferences || HasPrefix(subject)) || IsForward(text, subject)
            || HtmlText.ReadAnswer(html, BodyReader.MaxTextLength, cancellationToken) is not { } answer
            || string.IsNullOrWhiteSpace(answer))
            return reply;
        var own = ReplyReader.Read(answer, subject, cancellationToken);
        return body.TextSource == TextSource.Html ? own : Choose(text, reply, own);
    }

    private static bool HasPrefix(string subject) => subject.AsSpan().TrimStart().IndexOf(':') is > 0 and <= MaxPrefix;

    // A forwarded email stays whole.
    private static bool IsForward(string text, string subject)
    {
        if (ReplyReader.IsForward(subject))
            return true;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line is ['>', ..])
                return false;
            if (HistoryHeader.IsForward(line))
                return true;
        }

        return false;
    }

    // Compares the texts without punctuation and white space: their form differs.
    private static string Choose(string text, string reply, string own)
    {
        var (ofReply, ofOwn) = (Characters(reply), Characters(own));
        if (ofOwn == ofReply)
            return reply;
        // The text alone did not tell where history or a signature begins.
        if (ofReply.StartsWith(ofOwn, StringComparison.Ordinal))
            return UpTo(reply, ofOwn.Length);
        return reply.Length == text.Trim().Length ? own : reply;
    }

    // The lines up to the one with the last of so many characters, without punctuation and white space.
    private static string UpTo(string text, int count)
    {
        var at = 0;
        for (; at < text.Length && count > 0; at++)
            count -= char.IsLetterOrDigit(text[at]) ? 1 : 0;
        var end = text.IndexOf('\n', at);
        return text[..(end < 0 ? text.Length : end)].Trim();
    }

    private static string Characters(string text) => string.Concat(text.Where(char.IsLetterOrDigit));
}
