namespace EmailIngestion.Messages.Content.Replies;

/// <summary>
/// Marks the lines of signatures: what follows "-- ", the footers of mailing lists, and the last lines that phones and programs add, in
/// English, German, French, Italian and Spanish. The names that people write by hand stay.
/// </summary>
internal static class SignatureLines
{
    // Without the space after it, "--" may be a person's line.
    private const int MaxLines = 15;
    private const int MaxLength = 120;
    private const int MaxWords = 9;
    private const int MinFooterRule = 40;

    // "Von meinem iPhone gesendet"
    private const string GermanPhone = "Von meine";

    private static readonly string[] Programs =
    [
        "Sent from ", "Sent via ", "Sent with ", "Get Outlook for ", "Get [Outlook for ", "Get BlueMail for ", "Yahoo Mail: Search, ",
        GermanPhone, "Gesendet von meine", "Gesendet von Mail", "Gesendet von Outlook", "Gesendet von Yahoo", "Gesendet mit ",
        "Gesendet über ", "Outlook für ", "Holen Sie sich Outlook", "Diese Nachricht wurde von meinem ",
        "Envoyé de mon ", "Envoyé depuis ", "Envoyé à partir de ", "Envoyé avec ", "Obtenez Outlook", "Obtenir Outlook",
        "Télécharger Outlook",
        "Téléchargez Outlook",
        "Inviato da ", "Inviato dal ", "Inviato con ", "Ottieni Outlook", "Scarica Outlook", "Ottenere Outlook",
        "Enviado desde ", "Enviado con ", "Enviado de mi ", "Obtener Outlook", "Obtén Outlook", "Descargar Outlook",
    ];

    /// <summary>Marks the signatures among the sender's own lines.</summary>
    public static void Mark(ReplyLines lines, ReplyLineKind[] kinds, int count)
    {
        var last = count - 1;
        while (last >= 0 && kinds[last] is ReplyLineKind.Blank)
            last--;
        for (var at = 0; at < count; at++)
        {
            if (kinds[at] != ReplyLineKind.Own || !Begins(lines, kinds, at, last))
                continue;
            for (; at < count && kinds[at] is ReplyLineKind.Own or ReplyLineKind.Blank; at++)
                kinds[at] = ReplyLineKind.Signature;
        }

        // What programs add is the last line above the history, and the last line of all.
        var isEnd = true;
        for (var at = count - 1; at >= 0; at--)
        {
            if (kinds[at] == ReplyLineKind.Own && isEnd && IsOfProgram(lines[at]))
                kinds[at] = ReplyLineKind.Signature;
            isEnd = kinds[at] != ReplyLineKind.Own && (isEnd || kinds[at] != ReplyLineKind.Blank);
        }
    }

    private static bool Begins(ReplyLines lines, ReplyLineKind[] kinds, int at, int last)
    {
        var line = lines[at];
        if (line.TrimEnd() is "--")
            return line.Length > 2 || End(kinds, at, last) - at <= MaxLines;
        // Mailman's footer.
        return line.Length >= MinFooterRule && line[0] == '_' && HistoryHeader.IsRule(line) && last - at <= MaxLines
            && End(kinds, at, last) == last;
    }

    // The end of the sender's own lines from here, at most a little beyond the bound.
    private static int End(ReplyLineKind[] kinds, int at, int last)
    {
        var end = at;
        while (end < last && end - at <= MaxLines && kinds[end + 1] is ReplyLineKind.Own or ReplyLineKind.Blank)
            end++;
        return end;
    }

    private static bool IsOfProgram(ReadOnlySpan<char> line)
    {
        var text = line.Trim().Trim("*_<>[]()–—- ");
        if (text.Length > MaxLength || text.Count(' ') >= MaxWords)
            return false;
        foreach (var start in Programs)
        {
            if (text.StartsWith(start, StringComparison.OrdinalIgnoreCase))
                return start != GermanPhone || text.Contains("gesendet", StringComparison.OrdinalIgnoreCase);
        }

        return false;
    }
}
