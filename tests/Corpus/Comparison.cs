using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using EmailIngestion.Messages;

namespace EmailIngestion.Corpus;

/// <summary>Compares a converted email with what another parser reads.</summary>
internal static partial class Comparison
{
    public const string MissingPart = "named part missing";
    public const string MissingText = "inline text missing";

    private const int ShortestLine = 12;

    // What trimEnd() of JavaScript takes off.
    private static readonly char[] Blank = [' ', '\t', '\n', '\v', '\f', '\u00a0', '\ufeff'];

    public static IEnumerable<Difference> Find(ParsedEmail ours, PeerEmail theirs)
    {
        foreach (var part in theirs.Attachments)
        {
            if (Attachment(ours, part, theirs.Parser) is { } difference)
                yield return difference;
        }

        var known = Known(ours);
        foreach (var line in Lines(theirs).Where(line => !known.Contains(line, StringComparison.Ordinal)).Take(1))
            yield return new Difference(MissingText, theirs.Parser, line, ours.Text ?? ours.Html ?? "");
        foreach (var (kind, their, our) in Fields(ours, theirs))
        {
            if (their.Length > 0 && their != our)
                yield return new Difference(kind, theirs.Parser, their, our);
        }
    }

    private static IEnumerable<(string Kind, string Theirs, string Ours)> Fields(ParsedEmail ours, PeerEmail theirs)
    {
        yield return ("subject", Squeeze(theirs.Subject), Squeeze(ours.Subject));
        yield return ("message id", theirs.MessageId, ours.MessageId);
        yield return ("in reply to", theirs.InReplyTo.Split(' ')[0].Trim('<', '>'), ours.InReplyTo ?? "");
        yield return ("date", theirs.Date?.UtcDateTime.ToString("s") ?? "", ours.Sent?.UtcDateTime.ToString("s") ?? "");
        yield return ("from", Addresses(theirs.From), Addresses(ours.From));
        yield return ("to", Addresses(theirs.To), Addresses(ours.To));
        yield return ("cc", Addresses(theirs.Cc), Addresses(ours.Cc));
        yield return ("name of from", Names(theirs.From), Names(ours.From.Select(one => one.Name)));
        yield return ("name of to", Names(theirs.To), Names(ours.To.Select(one => one.Name)));
    }

    private static Difference? Attachment(ParsedEmail ours, PeerAttachment part, string parser)
    {
        if (part.Size == 0 || string.IsNullOrEmpty(part.FileName) || ours.Attachments.Any(one => Digest(one) == part.Sha256))
            return null;
        var names = ours.Attachments.SelectMany(one => new[] { one.FileName, one.OriginalFileName });
        var same = ours.Attachments.FirstOrDefault(one => one.FileName == part.FileName || one.OriginalFileName == part.FileName);
        if (same is not null)
            return new Difference("content of a part", parser, $"{part.FileName}, {part.Size} bytes", $"{same.Size} bytes");
        return new Difference(MissingPart, parser, $"{part.FileName}, {part.ContentType}, {part.Size} bytes", string.Join(", ", names));
    }

    private static string Digest(ParsedAttachment attachment)
    {
        using var content = new StreamReader(attachment.Open(), Encoding.Latin1, detectEncodingFromByteOrderMarks: false);
        var text = content.ReadToEnd().Replace("\r", "", StringComparison.Ordinal).TrimEnd(Blank);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.Latin1.GetBytes(text)));
    }

    // The lines of the texts that the other parser reads, without blanks.
    private static IEnumerable<string> Lines(PeerEmail theirs) =>
        $"{theirs.Text}\n{Plain(theirs.Html)}".Split('\n').Select(Characters).Where(line => line.Length >= ShortestLine);

    // All text that the converted email has somewhere.
    private static string Known(ParsedEmail ours)
    {
        var known = new StringBuilder(ours.Text).Append('\n').Append(ours.Html).Append('\n').Append(Plain(ours.Html));
        foreach (var attachment in ours.Attachments.Where(one => one.ContentType.StartsWith("text/", StringComparison.Ordinal)
            || one.ContentType.StartsWith("message/", StringComparison.Ordinal)))
        {
            using var content = new StreamReader(attachment.Open());
            known.Append('\n').Append(content.ReadToEnd());
        }

        return Characters(known.ToString());
    }

    private static string Plain(string? html) =>
        html is null ? "" : WebUtility.HtmlDecode(Tags().Replace(Hidden().Replace(html, "\n"), "\n"));

    private static string Characters(string text) => string.Concat(text.Where(char.IsLetterOrDigit));

    private static string Addresses(IEnumerable<PeerAddress> list) =>
        string.Join(' ', list.Select(one => one.Address?.ToLowerInvariant()).Where(one => !string.IsNullOrEmpty(one)));

    private static string Addresses(IEnumerable<ParsedAddress> list) =>
        string.Join(' ', list.Select(one => one.Address?.ToLowerInvariant()).Where(one => !string.IsNullOrEmpty(one)));

    // A parser may repeat the address as the name.
    private static string Names(IEnumerable<PeerAddress> list) => Names(list.Where(one => one.Name != one.Address).Select(one => one.Name));

    private static string Names(IEnumerable<string?> names) =>
        Squeeze(string.Join(" | ", names.Where(name => !string.IsNullOrEmpty(name))));

    private static string Squeeze(string text) => Blanks().Replace(text, " ").Trim();

    [GeneratedRegex(@"\s+", RegexOptions.NonBacktracking)]
    private static partial Regex Blanks();

    [GeneratedRegex("<[^>]*>", RegexOptions.NonBacktracking)]
    private static partial Regex Tags();

    [GeneratedRegex("(?is)<(style|script|title|head)\\b.*?</(style|script|title|head)>|<!--.*?-->", RegexOptions.NonBacktracking)]
    private static partial Regex Hidden();
}
