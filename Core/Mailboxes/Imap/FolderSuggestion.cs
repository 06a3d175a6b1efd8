using EmailIngestion.Messages;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Suggests folders of an account to a person whose folder does not exist. Pure.</summary>
internal static class FolderSuggestion
{
    private const int MostNames = 20;
    private const int LongestName = 60;

    // The characters of all names together. An error has at most 500 characters, with other text before the names.
    private const int MostCharacters = 250;

    /// <summary>Sentences with the nearest folder, if one is near, and with the list of folders; empty when there are no folders.</summary>
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
