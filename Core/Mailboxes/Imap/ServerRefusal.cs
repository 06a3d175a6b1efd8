using System.Globalization;
using System.Text.RegularExpressions;
using EmailIngestion.Messages;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// Interprets a server's NO, BAD or BYE by the response codes of RFC 3501, 5530 and 9208, and those of Gmail and Exchange. Pure.
/// </summary>
/// <param name="Text">The line without its tag.</param>
/// <param name="Code">The response code; empty when there is none.</param>
/// <param name="BackOff">The back-off that the server asks for; null when it names none.</param>
internal sealed partial record ServerRefusal(string Text, string Code, TimeSpan? BackOff)
{
    /// <summary>Whether the server refuses every request of this client for now.</summary>
    public bool IsThrottling => BackOff is not null || Code is "THROTTLED" or "OVERQUOTA" or "LIMIT" || Throttling().IsMatch(Text);

    /// <summary>Whether the refusal does not concern the requested email.</summary>
    public bool IsPassing => IsThrottling
        || Code is "UNAVAILABLE" or "INUSE" or "AUTHENTICATIONFAILED" or "AUTHORIZATIONFAILED" or "EXPIRED" or "PRIVACYREQUIRED";

    /// <summary>Whether the refusal concerns the folder, on any connection.</summary>
    public bool IsOfTheFolder => Code is "NONEXISTENT" or "NOPERM";

    /// <summary>The text for people, without condition and code.</summary>
    public string Words => Preface().Replace(Text, "") is { Length: > 0 } words ? words : Text;

    /// <summary>Reads a line of the server; null when it is no NO, BAD or BYE.</summary>
    public static ServerRefusal? Read(string line)
    {
        if (Refusal().Match(line) is not { Success: true } refusal)
            return null;
        var backOff = Suggestion().Match(line) is { Success: true } suggestion
            && double.TryParse(suggestion.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out var milliseconds)
            ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, MailboxBackOff.LongestThrottled.TotalMilliseconds))
            : (TimeSpan?)null;
        return new ServerRefusal(BoundedText.Line(refusal.Groups["text"].Value), refusal.Groups["code"].Value.ToUpperInvariant(), backOff);
    }

    [GeneratedRegex(
        @"^(\*|[^\s*+]+) (?<text>(NO|BAD|BYE)( \[(?<code>[^\]\s]+)[^\]]*\])?( .*)?)$",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Refusal();

    [GeneratedRegex(@"^\S+( \[[^\]]*\])? ?")]
    private static partial Regex Preface();

    [GeneratedRegex(@"Backoff Time:\s*(\d{1,15})\s*milliseconds", RegexOptions.IgnoreCase)]
    private static partial Regex Suggestion();

    [GeneratedRegex(
        @"throttl|too many ([a-z]+ ){0,3}(connections|requests|sessions|logins)|max(imum)? ([a-z]+ ){0,3}connections?\b"
        + "|(connection|bandwidth|rate) limit",
        RegexOptions.IgnoreCase)]
    private static partial Regex Throttling();
}
