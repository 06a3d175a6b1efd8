using EmailIngestion.Messages;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Says which folders an account has, for the person whose folder is not among them. Pure.</summary>
internal static class FolderSuggestion
{
    private const int MostNames = 20;
    private const int LongestName = 60;

    // Of all names together: an error is at most 500 characters, and other things stand before them.
    private const int MostCharacters = 250;

    /// <summary>Sentences with the nearest folder, if one is near, and with what else there is; empty when there is nothing.</summary>
    public static string For(string wanted, IReadOnlyList<FolderName> folders)
    {
        if (folders.Count == 0)
            return "";
        var nearest = NearestFolder.To(wanted, folders);
        return (nearest is null ? "" : $" Did you mean '{Shown(nearest)}'?") + Listed(folders);
    }

    private static string Listed(IReadOnlyList<FolderName> folders)
    {
        var names = new List<string>();
        var characters = 0;
        foreach (var folder in folders.OrderBy(folder => folder.Name, StringComparer.OrdinalIgnoreCase))
        {
            var name = $"'{Shown(folder.Name)}'";
            if (names.Count == MostNames || (characters += name.Length + 2) > MostCharacters)
                break;
            names.Add(name);
        }

        var more = folders.Count - names.Count;
        return $" It has {string.Join(", ", names)}{(more == 0 ? "" : $" and {more} more")}.";
    }

    private static string Shown(string name) => BoundedText.Line(name, LongestName);
}
