using System.Text;
using EmailIngestion.Messages.Content.Replies;

namespace EmailIngestion.Messages.Content;

/// <summary>
/// Finds what the sender wrote: the text without quoted history and signature. Quotes above an answer stay when there are several answers
/// among them, since the answers need them. A forwarded email stays whole. Where nothing would be left, all of the text is the reply.
/// </summary>
internal static class ReplyReader
{
    private const int LinesPerCheck = 4_096;

    private static readonly string[] ForwardSubjects = ["Fw:", "Fwd:", "WG:", "TR:", "I:", "RV:", "Tr :", "Rv :"];

    /// <summary>The sender's own text; all of the text where nothing else is left.</summary>
    public static string Read(string text, string subject, CancellationToken cancellationToken)
    {
        var lines = new ReplyLines(text);
        var kinds = new ReplyLineKind[lines.Length];
        for (var at = 0; at < lines.Length; at++)
        {
            kinds[at] = lines[at].TrimStart() switch
            {
                [] => ReplyLineKind.Blank,
                ['>', ..] => ReplyLineKind.Quote,
                _ => ReplyLineKind.Own,
            };
        }

        if (End(lines, kinds, IsForward(subject), cancellationToken) is not { } count)
            return text.Trim();
        SignatureLines.Mark(lines, kinds, count);
        count = WithoutLastQuotes(kinds, count);
        var reply = Join(lines, kinds, count, HasAnswersAmongQuotes(kinds, count));
        return reply.Length == 0 ? text.Trim() : reply;
    }

    /// <summary>Whether a subject is that of a forwarded email.</summary>
    public static bool IsForward(string subject) =>
        Array.Exists(ForwardSubjects, start => subject.AsSpan().TrimStart().StartsWith(start, StringComparison.OrdinalIgnoreCase));

    // Marks attributions, and finds the line where unmarked history begins; null for a forwarded email.
    private static int? End(ReplyLines lines, ReplyLineKind[] kinds, bool isForward, CancellationToken cancellationToken)
    {
        var isAfterQuote = false;
        for (var at = 0; at < lines.Length; at++)
        {
            if (at % LinesPerCheck == 0)
                cancellationToken.ThrowIfCancellationRequested();
            if (kinds[at] != ReplyLineKind.Own)
            {
                isAfterQuote |= kinds[at] == ReplyLineKind.Quote;
                continue;
            }

            if (!isAfterQuote && HistoryHeader.IsForward(lines[at]))
                return null;
            if (HistoryHeader.IsAt(lines, at))
                return isForward && !isAfterQuote ? null : WithoutRules(lines, kinds, at);
            var isQuoted = IsQuoted(kinds, at);
            if (AttributionLines.Start(lines, at, isQuoted) is not { } start)
                continue;
            if (!isQuoted)
                return WithoutRules(lines, kinds, start);
            Array.Fill(kinds, ReplyLineKind.Attribution, start, at + 1 - start);
        }

        return lines.Length;
    }

    // Whether the next line with text, after few blank ones, is a quote.
    private static bool IsQuoted(ReplyLineKind[] kinds, int at)
    {
        const int maxBlankLines = 3;
        for (var next = at + 1; next < kinds.Length && next <= at + 1 + maxBlankLines; next++)
        {
            if (kinds[next] != ReplyLineKind.Blank)
                return kinds[next] == ReplyLineKind.Quote;
        }

        return false;
    }

    private static int WithoutRules(ReplyLines lines, ReplyLineKind[] kinds, int end)
    {
        while (end > 0 && (kinds[end - 1] == ReplyLineKind.Blank || HistoryHeader.IsRule(lines[end - 1])))
            end--;
        return end;
    }

    // No answer follows these quotes.
    private static int WithoutLastQuotes(ReplyLineKind[] kinds, int end)
    {
        while (end > 0 && kinds[end - 1] != ReplyLineKind.Own)
            end--;
        return end;
    }

    // False if all of the answer is below one quote.
    private static bool HasAnswersAmongQuotes(ReplyLineKind[] kinds, int count)
    {
        var (hasOwn, quotes, isInQuote) = (false, 0, false);
        for (var at = 0; at < count; at++)
        {
            if (kinds[at] == ReplyLineKind.Quote && !isInQuote)
                (quotes, isInQuote) = (quotes + 1, true);
            else if (kinds[at] == ReplyLineKind.Own)
                (hasOwn, isInQuote) = (hasOwn || quotes == 0, false);
        }

        return quotes > 1 || (quotes == 1 && hasOwn);
    }

    private static string Join(ReplyLines lines, ReplyLineKind[] kinds, int count, bool keepsQuotes)
    {
        // In most emails all lines before the end are the sender's own.
        var first = lines.First(count);
        if (!first.Contains('\r') && kinds.AsSpan(0, count).IndexOfAnyExcept(ReplyLineKind.Own, ReplyLineKind.Blank) < 0)
            return first.Trim().ToString();
        var reply = new StringBuilder(first.Length);
        for (var at = 0; at < count; at++)
        {
            if (kinds[at] is ReplyLineKind.Own or ReplyLineKind.Blank || (keepsQuotes && kinds[at] == ReplyLineKind.Quote))
                reply.Append(lines[at]).Append('\n');
        }

        return reply.ToString().Trim();
    }
}
