using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using EmailIngestion.Messages;
using EmailIngestion.Messages.Text;

namespace EmailIngestion.Corpus;

/// <summary>
/// All texts and files of a converted email. Other parsers list what is in an attached email one by one; ours is one <c>.eml</c>. So
/// attached emails are converted, too.
/// </summary>
internal sealed partial class OwnContent
{
    private const int MaxDepth = 10;

    private readonly StringBuilder _text = new();
    private readonly HashSet<string> _digests = [];
    private readonly List<ParsedAttachment> _files = [];

    public OwnContent(ParsedEmail email)
    {
        Add(email, 0);
        Characters = Of(_text.ToString());
    }

    /// <summary>All characters of the texts that are not punctuation or white space.</summary>
    public string Characters { get; }

    /// <summary>The files, those of attached emails included.</summary>
    public IReadOnlyList<ParsedAttachment> Files => _files;

    /// <summary>Whether a text was cut.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Whether a file has a content with this digest.</summary>
    public bool HasFile(string sha256) => _digests.Contains(sha256);

    /// <summary>The characters of a text that are not punctuation or white space.</summary>
    public static string Of(string text) => string.Concat(text.Where(char.IsLetterOrDigit));

    /// <summary>The text of HTML, roughly.</summary>
    public static string Plain(string? html) =>
        html is null ? "" : WebUtility.HtmlDecode(Tags().Replace(Hidden().Replace(html, "\n"), "\n"));

    /// <summary>The digest of a content without carriage returns and blanks at its end, as Peers/parse.mjs makes it.</summary>
    public static string Digest(byte[] content)
    {
        // What trimEnd() of JavaScript takes off.
        var text = Encoding.Latin1.GetString(content).Replace("\r", "", StringComparison.Ordinal)
            .TrimEnd(' ', '\t', '\n', '\v', '\f', '\u00a0', '\ufeff');
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.Latin1.GetBytes(text)));
    }

    private void Add(ParsedEmail email, int depth)
    {
        IsCut |= email.Truncated is { } cut && (cut.Contains("text") || cut.Contains("html"));
        _text.Append(email.Subject).Append('\n').Append(email.Text).Append('\n').Append(email.Html).Append('\n').Append(Plain(email.Html));
        foreach (var people in new[] { email.From, email.To, email.Cc })
        {
            foreach (var person in people)
                _text.Append('\n').Append(person.Name).Append(person.Address);
        }

        foreach (var file in email.Attachments)
            Add(file, depth);
    }

    private void Add(ParsedAttachment file, int depth)
    {
        using var content = new MemoryStream();
        using (var stream = file.Open())
            stream.CopyTo(content);
        var bytes = content.ToArray();
        _files.Add(file);
        _digests.Add(Digest(bytes));
        var isEmail = file.ContentType.StartsWith("message/", StringComparison.Ordinal);
        if (isEmail || file.ContentType.StartsWith("text/", StringComparison.Ordinal))
            _text.Append('\n').Append(MailEncoding.Read(file.Charset, bytes));
        if (isEmail && depth < MaxDepth && CorpusMail.Convert(bytes) is { } inner)
            Add(inner, depth + 1);
    }

    [GeneratedRegex("<[^>]*>", RegexOptions.NonBacktracking)]
    private static partial Regex Tags();

    [GeneratedRegex("(?is)<(style|script|title|head)\\b.*?</(style|script|title|head)>|<!--.*?-->", RegexOptions.NonBacktracking)]
    private static partial Regex Hidden();
}
