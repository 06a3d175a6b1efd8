namespace EmailIngestion.DevServers;

/// <summary>Finds the server programs.</summary>
internal static class ServerBinary
{
    // Debian installs daemons in sbin, which is not on the PATH of ordinary users. Homebrew uses its own folder.
    private static readonly string[] Beside = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin", "/opt/homebrew/bin"];

    /// <summary>Returns the full path of a server: the file that an environment variable names, else the installed one.</summary>
    /// <exception cref="ServerStartException">It is not installed; the message names the Debian package.</exception>
    public static string Require(string name, string package, string? variable = null) => Named(variable)
        ?? Find(name)
        ?? throw new ServerStartException($"{name} is not installed: on Debian or Ubuntu run `apt-get install {package}`.");

    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Concat(Beside)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);

    private static string? Named(string? variable)
    {
        if (variable is null || Environment.GetEnvironmentVariable(variable) is not { Length: > 0 } path) return null;
        return File.Exists(path)
            ? Path.GetFullPath(path)
            : throw new ServerStartException($"{variable} names '{path}', which is not a file.");
    }
}
