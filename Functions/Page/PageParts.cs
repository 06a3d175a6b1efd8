using System.Reflection;

namespace EmailIngestion.Functions.Page;

/// <summary>The files of the page, which are embedded in this assembly.</summary>
internal static class PageParts
{
    private const string Folder = "Page/";

    /// <summary>Reads all files by their path in the folder, such as <c>views/jobs.js</c>.</summary>
    public static IReadOnlyDictionary<string, string> Read()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return assembly.GetManifestResourceNames()
            .Select(name => (Name: name, Path: name.Replace('\\', '/')))
            .Where(part => part.Path.StartsWith(Folder, StringComparison.Ordinal))
            .ToDictionary(part => part.Path[Folder.Length..], part => Read(assembly, part.Name), StringComparer.Ordinal);
    }

    // A browser reads a line break as one character before it computes a hash.
    private static string Read(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
