using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace EmailIngestion.Redis;

/// <summary>Loads the Lua scripts that are embedded in this assembly, with the files that they include.</summary>
internal static class ScriptLoader
{
    private const string Included = "--@ ";

    /// <summary>The text of a script without its comments, because each append sends its scripts. The first line has the flags.</summary>
    public static string Load(string name) =>
        string.Join('\n', Include(name).Where((line, index) => index == 0 || !line.TrimStart().StartsWith("--", StringComparison.Ordinal)));

    /// <summary>The name by which EVALSHA knows a script.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "Redis names scripts by their SHA-1.")]
    public static string NameOf(string script) => Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(script)));

    // A line "--@ name" includes the functions of that file.
    private static IEnumerable<string> Include(string name) =>
        Read(name).Split('\n').SelectMany(line =>
            line.StartsWith(Included, StringComparison.Ordinal) ? Read(line[Included.Length..].Trim()).Split('\n') : [line]);

    private static string Read(string name)
    {
        using var stream = typeof(ScriptLoader).Assembly.GetManifestResourceStream($"{name}.lua")
            ?? throw new InvalidOperationException($"The script {name}.lua is not in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
