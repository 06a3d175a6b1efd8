using System.Text.RegularExpressions;
using EmailIngestion.Messages;

namespace EmailIngestion.Corpus;

/// <summary>Compares a converted email with what another parser reads.</summary>
internal static partial class Comparison
{
    public const string MissingPart = "named part missing";
    public const string MissingText = "inline text missing";

    /// <summary>A file that is here taken apart: winmail.dat, or a uuencoded file in a text.</summary>
    public const string Unpacked = "unpacked";

    private const int ShortestLine = 12;

    // A piece of a line around characters that the other parser could not read.
    private const int ShortestPiece = 5;

    public static IEnumerable<Difference> Find(ParsedEmail ours, PeerEmail theirs)
    {
        var content = new OwnContent(ours);
        foreach (var part in theirs.Attachments)
        {
            if (Attachment(content, part, theirs.Parser) is { } difference)
                yield return difference;
        }

        foreach (var line in Lines(theirs).Where(line => !content.IsCut && !Has(content, line)).Take(1))
        {
            var kind = Uuencoded().IsMatch(line) && content.Files.Count > 0 ? Unpacked : MissingText;
            yield return new Difference(kind, theirs.Parser, line, ours.Text ?? ours.Html ?? "");
        }

        foreach (var (kind, their, our) in Fields(ours, theirs))
        {
            if (their.Length > 0 && their != our && !IsSameButUnread(their, our) && ours.Truncated?.Contains(kind) != true)
                yield return new Difference(kind, theirs.Parser, their, our);
        }
    }

    private static IEnumerable<(string Kind, string Theirs, string Ours)> Fields(ParsedEmail ours, PeerEmail theirs)
    {
        // postal-mime reads one author only.
        var from = theirs.Parser == "postal-mime" && theirs.From.Count == 1 ? ours.From.Take(1).ToList() : ours.From;
        yield return ("subject", Squeeze(theirs.Subject), Squeeze(ours.Subject));
        yield return ("message id", theirs.MessageId, ours.MessageId);
        yield return ("in reply to", theirs.InReplyTo.Split(' ')[0].Trim('<', '>'), ours.InReplyTo ?? "");
        yield return ("date", theirs.Date?.UtcDateTime.ToString("s") ?? "", ours.Sent?.UtcDateTime.ToString("s") ?? "");
        yield return ("from", Addresses(theirs.From), Addresses(from));
        yield return ("to", Addresses(theirs.To), Addresses(ours.To));
        yield return ("cc", Addresses(theirs.Cc), Addresses(ours.Cc));
        yield return ("name of from", Names(theirs.From), Names(from.Select(one => one.Name)));
        yield return ("name of to", Names(theirs.To), Names(ours.To.Select(one => one.Name)));
    }

    private static Difference? Attachment(OwnContent ours, PeerAttachment part, string parser)
    {
        if (part.Size == 0 || string.IsNullOrEmpty(part.FileName) || ours.HasFile(part.Sha256))
            return null;
        var theirs = $"{part.FileName}, {part.ContentType}, {part.Size} bytes";
        var names = string.Join(", ", ours.Files.Select(one => one.FileName));
        if (part.ContentType is "application/ms-tnef" or "application/vnd.ms-tnef")
            return new Difference(Unpacked, parser, theirs, names);
        var same = ours.Files.FirstOrDefault(one => one.FileName == part.FileName || one.OriginalFileName == part.FileName);
        return same is not null
            ? new Difference("content of a part", parser, theirs, $"{same.Size} bytes")
            : new Difference(MissingPart, parser, theirs, names);
    }

    // The lines of the texts that the other parser reads. Above the text of an attached email both write its sender, subject and date.
    private static IEnumerable<string> Lines(PeerEmail theirs) =>
        $"{theirs.Text}\n{OwnContent.Plain(theirs.Html)}".Split('\n')
            .Select(line => AddedLabel().Replace(line.Trim(), ""))
            .Where(line => !AddedDate().IsMatch(line))
            .Where(line => OwnContent.Of(line).Length >= ShortestLine);

    // What the other parser could not read says nothing.
    private static bool Has(OwnContent content, string line)
    {
        var pieces = Unread().Split(line).Select(OwnContent.Of).ToArray();
        return pieces.Length == 1
            ? content.Characters.Contains(pieces[0], StringComparison.Ordinal)
            : pieces.All(piece => piece.Length < ShortestPiece || content.Characters.Contains(piece, StringComparison.Ordinal));
    }

    private static bool IsSameButUnread(string theirs, string ours)
    {
        var pieces = Unread().Split(theirs);
        var at = 0;
        foreach (var piece in pieces)
        {
            var found = ours.IndexOf(piece, at, StringComparison.Ordinal);
            if (found < 0)
                return false;
            at = found + piece.Length;
        }

        return pieces.Length > 1 && !Unread().IsMatch(ours);
    }

    private static string Addresses(IEnumerable<PeerAddress> list) => Addresses(list.Select(one => one.Address));

    private static string Addresses(IEnumerable<ParsedAddress> list) => Addresses(list.Select(one => one.Address));

    private static string Addresses(IEnumerable<string?> list) =>
        string.Join(' ', list.Select(one => one?.ToLowerInvariant()).Where(one => !string.IsNullOrEmpty(one)));

    // A parser may repeat the address as the name.
    private static string Names(IEnumerable<PeerAddress> list) => Names(list.Where(one => one.Name != one.Address).Select(one => one.Name));

    private static string Names(IEnumerable<string?> names) =>
        Squeeze(string.Join(" | ", names.Where(name => !string.IsNullOrEmpty(name))));

    private static string Squeeze(string text) => Blanks().Replace(text, " ").Trim();

    [GeneratedRegex(@"[\s\p{Cc}]+", RegexOptions.NonBacktracking)]
    private static partial Regex Blanks();

    // U+FFFD, also where its UTF-8 was read as Latin-1.
    [GeneratedRegex("(\uFFFD|ï¿½)+", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Unread();

    [GeneratedRegex(
        @"^(\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT|\d+/\d+/\d+, \d+:\d\d:\d\d(\s[AP]M)?)$",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex AddedDate();

    [GeneratedRegex("^(From|To|Cc|Subject|Date): *", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex AddedLabel();

    [GeneratedRegex("^begin ?[0-7]{3}", RegexOptions.NonBacktracking)]
    private static partial Regex Uuencoded();
}
