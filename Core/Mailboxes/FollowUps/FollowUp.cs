using System.Buffers;

namespace EmailIngestion.Mailboxes.FollowUps;

/// <summary>What is done to an email in the mailbox after its outcome, as the settings say it.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Argument">The flag or the folder; empty for the other kinds.</param>
internal sealed record FollowUp(FollowUpKind Kind, string Argument = "")
{
    private const int MaxFlag = 100;

    // atom-specials of RFC 3501.
    private static readonly SearchValues<char> NotInFlags = SearchValues.Create("(){ %*\"\\]");

    public static FollowUp None { get; } = new(FollowUpKind.Nothing);

    /// <summary>The value of the setting.</summary>
    public string Text => Argument.Length == 0 ? Kind.ToString() : $"{Kind}:{Argument}";

    /// <summary>The follow-up of a valid setting.</summary>
    public static FollowUp Of(string? setting) => Parse(setting).FollowUp ?? None;

    /// <summary>Reads a setting; an empty one asks for nothing. When it is not valid, the fault says why.</summary>
    public static (FollowUp? FollowUp, string? Fault) Parse(string? setting)
    {
        if (string.IsNullOrWhiteSpace(setting))
            return (None, null);
        var text = setting.Trim();
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (word, argument) = colon < 0 ? (text, "") : (text[..colon], text[(colon + 1)..].Trim());
        if (!Enum.TryParse<FollowUpKind>(word, ignoreCase: true, out var kind) || !word.All(char.IsAsciiLetter))
            return (null, $"is '{setting}': it must be Nothing, MarkSeen, Flag:<keyword>, Move:<folder> or Delete.");
        var fault = kind switch
        {
            FollowUpKind.Flag => FlagFault(argument),
            FollowUpKind.Move => FolderFault(argument),
            _ => colon < 0 ? null : $"is '{setting}': {kind} has no argument.",
        };
        return fault is null
            ? (new FollowUp(kind, kind == FollowUpKind.Move ? FolderName(argument) : argument), null)
            : (null, fault);
    }

    // Only the name of INBOX ignores case (RFC 3501).
    private static string FolderName(string name) => name.Equals("INBOX", StringComparison.OrdinalIgnoreCase) ? "INBOX" : name;

    private static string? FolderFault(string name) =>
        name.Length == 0 ? "is 'Move:' without a folder: write Move:Processed, for example."
        : name.AsSpan().IndexOfAnyInRange('\0', '\x1f') >= 0 ? "names a folder with a control character."
        : null;

    private static string? FlagFault(string flag)
    {
        if (flag is @"\Flagged" or @"\Answered")
            return null;
        if (flag.Length == 0)
            return "is 'Flag:' without a keyword: write Flag:Processed, for example.";
        if (flag.StartsWith('\\'))
            return $"is 'Flag:{flag}': of the system flags only \\Flagged and \\Answered are allowed; use MarkSeen or Delete for others.";
        if (flag.Length > MaxFlag || flag.Any(c => c is < '!' or > '~') || flag.AsSpan().IndexOfAny(NotInFlags) >= 0)
            return $"is 'Flag:{flag}': a keyword has at most {MaxFlag} ASCII letters, digits and marks, without spaces and (){{%*\"\\].";
        return null;
    }
}
