namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// Finds the folder that a person most likely meant: with other upper or lower case, another delimiter, a missing or extra prefix of the
/// account's namespace (<c>INBOX.</c>), or a typing error. Pure.
/// </summary>
internal static class NearestFolder
{
    // Limits of the comparison of single characters, which bound the time for a server with very many or very long names.
    private const int MostCompared = 1_000;
    private const int LongestCompared = 60;
    private const int ShortestPart = 3;

    private static readonly char[] Delimiters = ['/', '.', '\\'];

    private enum Nearness
    {
        SamePath,
        OtherPrefix,
        FewLetters,
        Part,
        None,
    }

    /// <summary>The nearest folder; null when none is near.</summary>
    public static string? To(string wanted, IReadOnlyList<FolderName> folders)
    {
        var (best, nearness, distance) = ((string?)null, Nearness.None, int.MaxValue);
        var levels = Levels(wanted, '\0');
        if (levels.Length == 0)
            return null;
        var compared = 0;
        foreach (var folder in folders)
        {
            var (near, far) = Compare(levels, Levels(folder.Name, folder.Delimiter), ref compared);
            if (near < nearness || (near == nearness && near != Nearness.None && far < distance))
                (best, nearness, distance) = (folder.Name, near, far);
        }

        return best;
    }

    private static (Nearness Nearness, int Distance) Compare(string[] wanted, string[] folder, ref int compared)
    {
        if (folder.Length == 0)
            return (Nearness.None, 0);
        var levels = Math.Abs(wanted.Length - folder.Length);
        if (EndsWith(wanted, folder) || EndsWith(folder, wanted))
            return (levels == 0 ? Nearness.SamePath : Nearness.OtherPrefix, levels);
        var (one, other) = (Cut(wanted[^1]), Cut(folder[^1]));
        var most = Math.Clamp(Math.Max(one.Length, other.Length) / 3, 1, 3);
        var mayBeNear = Math.Abs(one.Length - other.Length) <= most && compared++ < MostCompared;
        if (mayBeNear && Distance(one, other) is var distance && distance <= most)
            return (Nearness.FewLetters, (distance * LongestCompared) + levels);
        var (shorter, longer) = one.Length < other.Length ? (one, other) : (other, one);
        return shorter.Length >= ShortestPart && longer.Contains(shorter, StringComparison.Ordinal)
            ? (Nearness.Part, longer.Length - shorter.Length)
            : (Nearness.None, 0);
    }

    private static bool EndsWith(string[] path, string[] end) =>
        path.Length >= end.Length && path.AsSpan(path.Length - end.Length).SequenceEqual(end);

    private static string[] Levels(string name, char delimiter) =>
        name.ToUpperInvariant().Split([.. Delimiters, delimiter], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string Cut(string text) => text.Length <= LongestCompared ? text : text[..LongestCompared];

    // The number of characters to insert, delete, replace, or swap with their neighbour.
    private static int Distance(string one, string other)
    {
        var (before, last, row) = (new int[other.Length + 1], new int[other.Length + 1], new int[other.Length + 1]);
        for (var j = 0; j <= other.Length; j++)
            last[j] = j;
        for (var i = 1; i <= one.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                row[j] = Math.Min(Math.Min(last[j], row[j - 1]) + 1, last[j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }

            (before, last, row) = (last, row, before);
        }

        return last[other.Length];
    }
}
