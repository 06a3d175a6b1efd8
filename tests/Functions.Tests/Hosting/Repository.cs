namespace EmailIngestion.Functions.Tests.Hosting;

/// <summary>The files of the repository that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "IngestionFunctions.sln")))
            folder = Path.GetDirectoryName(folder)
                ?? throw new FileNotFoundException("IngestionFunctions.sln is in no folder above the tests.");
        return folder;
    }
}
