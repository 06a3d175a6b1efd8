namespace EmailIngestion.Local.Demo;

/// <summary>Finds the programs that the demo starts.</summary>
internal static class ServerBinary
{
    // Debian keeps daemons in sbin, which is not on the PATH of ordinary users; Homebrew has a folder of its own.
    private static readonly string[] Beside = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin", "/opt/homebrew/bin"];

    /// <summary>The full path of a server, or an exception that says which Debian package has it.</summary>
    public static string Require(string name, string package) => Find(name)
        ?? throw new ServerStartException($"{name} is not installed: on Debian or Ubuntu run `apt-get install {package}`.");

    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Concat(Beside)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);
}
