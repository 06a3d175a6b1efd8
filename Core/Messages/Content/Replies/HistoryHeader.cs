using System.Buffers;
using System.Collections.Frozen;

namespace EmailIngestion.Messages.Content.Replies;

/// <summary>
/// Finds where Outlook and other programs put history without marks: under "-----Original Message-----", or under the lines From, Sent, To
/// and Subject. In English, German, French, Italian and Spanish.
/// </summary>
internal static class HistoryHeader
{
    // More than programs write, with long lists of recipients.
    private const int MaxLines = 15;

    private static readonly FrozenDictionary<string, Field> Fields = new Dictionary<string, Field>
    {
        ["From"] = Field.From,
        ["Von"] = Field.From,
        ["De"] = Field.From,
        ["Da"] = Field.From,
        ["Sent"] = Field.Date,
        ["Date"] = Field.Date,
        ["Gesendet"] = Field.Date,
        ["Datum"] = Field.Date,
        ["Envoyé"] = Field.Date,
        ["Inviato"] = Field.Date,
        ["Data"] = Field.Date,
        ["Enviado"] = Field.Date,
        ["Enviado el"] = Field.Date,
        ["Fecha"] = Field.Date,
        ["To"] = Field.To,
        ["An"] = Field.To,
        ["À"] = Field.To,
        ["A"] = Field.To,
        ["Para"] = Field.To,
        ["Subject"] = Field.Subject,
        ["Betreff"] = Field.Subject,
        ["Objet"] = Field.Subject,
        ["Oggetto"] = Field.Subject,
        ["Asunto"] = Field.Subject,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, Field>.AlternateLookup<ReadOnlySpan<char>> Names =
        Fields.GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly string[] Originals =
    [
        "original message", "ursprüngliche nachricht", "originalnachricht", "message d'origine", "message d’origine", "message original",
        "messaggio originale", "mensaje original",
        // Zoho: "---- On Mon, 02 Feb 2026 10:00:00 +0100 Ann <ann@example.org> wrote ----"
        "> wrote", "> schrieb", "> a écrit", "> ha scritto", "> escribió",
    ];

    private static readonly string[] Forwards =
        ["forwarded", "weitergeleitet", "transféré", "réexpédié", "transmis", "inoltrat", "reenviad"];

    private static readonly string[] AppleForwards =
    [
        "begin forwarded message:", "anfang der weitergeleiteten", "début du message réexpédié", "début du message transféré",
        "inizio messaggio inoltrato", "inicio del mensaje reenviado",
    ];

    private static readonly SearchValues<char> AppleInitials =
        SearchValues.Create([.. AppleForwards.SelectMany(start => new[] { start[0], char.ToUpperInvariant(start[0]) })]);

    /// <summary>Whether history begins at this line.</summary>
    public static bool IsAt(ReplyLines lines, int index) => IsRuled(lines[index], Originals) || IsHeader(lines, index);

    /// <summary>Whether a forwarded email begins at this line.</summary>
    public static bool IsForward(ReadOnlySpan<char> line)
    {
        if (IsRuled(line, Forwards))
            return true;
        var text = line.TrimStart();
        if (text.IsEmpty || !AppleInitials.Contains(text[0]))
            return false;
        foreach (var start in AppleForwards)
        {
            if (text.StartsWith(start, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    /// <summary>Whether a line only separates.</summary>
    public static bool IsRule(ReadOnlySpan<char> line)
    {
        var text = line.Trim();
        return text.Length >= 3 && text[0] is '_' or '-' or '=' or '*' && !text.ContainsAnyExcept(text[0]);
    }

    // "-----Original Message-----"
    private static bool IsRuled(ReadOnlySpan<char> line, string[] texts)
    {
        // Nearly all lines begin with something else.
        if (line.TrimStart() is not ['-' or '*', ..])
            return false;
        var text = line.Trim().Trim('*').Trim();
        if (text.Length > 200 || !text.StartsWith("--") || !text.EndsWith("--"))
            return false;
        foreach (var found in texts)
        {
            if (text.Contains(found, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    // People write "From: Berlin, To: Paris", too, but no subject.
    private static bool IsHeader(ReplyLines lines, int index)
    {
        if (Name(lines[index]) is not (Field.From or Field.Date))
            return false;
        var found = Field.None;
        for (var i = index; i < lines.Length && i < index + MaxLines && !lines[i].IsWhiteSpace(); i++)
            found |= Name(lines[i]);
        return found.HasFlag(Field.From | Field.Subject) && (found & (Field.Date | Field.To)) != 0;
    }

    // "From: x", "*From:* x", "De : x". Only a subject may be empty.
    private static Field Name(ReadOnlySpan<char> line)
    {
        var text = line.Trim().TrimStart('*');
        var colon = text[..Math.Min(text.Length, 20)].IndexOf(':');
        if (colon <= 0 || !Names.TryGetValue(text[..colon].TrimEnd(), out var field))
            return Field.None;
        return field == Field.Subject || !text[(colon + 1)..].Trim(" *\u00a0").IsEmpty ? field : Field.None;
    }

    [Flags]
    private enum Field
    {
        None = 0,
        From = 1,
        Date = 2,
        To = 4,
        Subject = 8,
    }
}
