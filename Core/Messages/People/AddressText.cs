using System.Buffers;
using System.Globalization;
using System.Text;
using EmailIngestion.Messages.Text;

namespace EmailIngestion.Messages.People;

/// <summary>Reads a single address as people write it.</summary>
internal static class AddressText
{
    // The longest address of SMTP has 254 characters. Longer text is no address.
    private const int MaxLength = 1_000;

    private const string MailTo = "mailto:";

    // What may stand around an address in a text.
    private const string Edges = "<>\"'`,;";

    private static readonly SearchValues<char> Quotes = SearchValues.Create(Edges);
    private static readonly SearchValues<char> Atom =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~.");

    private static readonly IdnMapping Idn = new();

    /// <summary>
    /// The address in a text, such as the content of angle brackets: without <c>mailto:</c>, a route, comments and blanks, with its domain
    /// in its own script. Null when there is no <c>@</c> with something before and after it.
    /// </summary>
    public static string? Read(string text)
    {
        if (text.Length > MaxLength)
            return null;
        text = HeaderText.DecodeWords(text).Trim(' ');
        if (text.StartsWith(MailTo, StringComparison.OrdinalIgnoreCase))
            text = text[MailTo.Length..].Split('?')[0];
        // A route of RFC 822: @relay1,@relay2:ann@example.org.
        if (text is ['@', ..] && text.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            text = text[(colon + 1)..];
        if (text is not ['"', ..])
            text = Bare(AddressComments.Remove(text));
        var at = text.LastIndexOf('@');
        // Exchange writes <Undisclosed-Recipients:@example.org;> for a group without members.
        var isAddress = at > 0 && at < text.Length - 1 && text[at - 1] != ':';
        return isAddress ? $"{Local(text[..at])}@{Domain(text[(at + 1)..])}" : null;
    }

    /// <summary>Whether an address is one word with one <c>@</c>, apart from a quoted local part.</summary>
    public static bool IsPlain(string address) =>
        address is ['"', ..] || (!address.Contains(' ', StringComparison.Ordinal) && address.AsSpan().Count('@') == 1);

    /// <summary>Whether a word may be an address.</summary>
    public static bool IsAddress(ReadOnlySpan<char> word) =>
        word.Trim(Edges) is var bare
        && bare.LastIndexOf('@') is > 0 and var at
        && at < bare.Length - 1
        && !word.StartsWith("=?", StringComparison.Ordinal);

    // Blanks beside the sign and the dots are noise. Of several words the last one with an address counts.
    private static string Bare(string text)
    {
        // Some programs write [ann@example.org] in place of angle brackets.
        if (text is ['[', .., ']'] && text.Contains('@', StringComparison.Ordinal))
            text = text[1..^1];
        if (text.Contains(' ', StringComparison.Ordinal))
        {
            text = text.Replace(" @", "@", StringComparison.Ordinal).Replace("@ ", "@", StringComparison.Ordinal);
            text = text.Split(' ').LastOrDefault(word => IsAddress(word)) ?? text;
        }

        return text.AsSpan().ContainsAny(Quotes) ? text.AsSpan().Trim(Edges).ToString() : text;
    }

    // Quotes around a local part that needs none.
    private static string Local(string local) =>
        local is ['"', .., '"'] && IsDotAtom(local.AsSpan(1, local.Length - 2)) ? local[1..^1] : local;

    private static bool IsDotAtom(ReadOnlySpan<char> text) =>
        text is [not '.', ..] and [.., not '.'] && !text.Contains("..", StringComparison.Ordinal) && text.IndexOfAnyExcept(Atom) < 0;

    private static string Domain(string domain)
    {
        if (!domain.Contains("xn--", StringComparison.OrdinalIgnoreCase))
            return domain;
        try
        {
            var own = Idn.GetUnicode(domain);
            return own.EnumerateRunes().All(IsLetter) ? own : domain;
        }
        catch (ArgumentException)
        {
            // It is no valid punycode.
            return domain;
        }
    }

    // Other characters could make a domain look like another one.
    private static bool IsLetter(Rune rune) =>
        Rune.IsLetterOrDigit(rune) || rune.Value is '-' or '.' or '_'
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
