using EmailIngestion.Configuration;
using EmailIngestion.Local.Hosting;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary>The server that a command asks, and the key that it sends.</summary>
/// <param name="Api">The address of the functions; ends with a slash.</param>
/// <param name="Key">The key; null for none.</param>
/// <param name="Partition">The partition; null leaves it to the server.</param>
internal sealed record OperatingTarget(Uri Api, string? Key, string? Partition)
{
    /// <summary>The environment variable of the key, which other users' process lists do not show.</summary>
    public const string KeyVariable = "EMAIL_INGESTION_KEY";

    private const string Prefix = "/api/";

    /// <summary>Whether others on the way can read the key.</summary>
    public bool SendsKeyInClear => Key is not null && Api.Scheme == Uri.UriSchemeHttp && !Api.IsLoopback;

    /// <param name="url">The value of <c>--url</c>.</param>
    /// <param name="key">The value of <c>--key</c>.</param>
    /// <param name="keyFile">The value of <c>--key-file</c>.</param>
    /// <param name="partition">The value of <c>--partition</c>.</param>
    /// <param name="dataFolder">The folder of the local keys. They are sent to this machine only.</param>
    /// <param name="environment">Reads an environment variable.</param>
    public static OperatingTarget Of(
        string url, string? key, string? keyFile, string? partition, string dataFolder, Func<string, string?> environment)
    {
        var api = Address(url);
        if (key is not null && keyFile is not null)
            throw Wrong("Give --key or --key-file, not both.");
        var found = key is not null ? Check(key, "--key")
            : keyFile is not null ? Check(Read(keyFile), $"--key-file {keyFile}")
            : FindKey(api, dataFolder, environment);
        return new OperatingTarget(api, found, partition);
    }

    /// <summary>The key that is sent to a server without a flag: that of the environment, or the local one to this machine only.</summary>
    public static string? FindKey(Uri server, string dataFolder, Func<string, string?> environment) =>
        environment(KeyVariable) is { Length: > 0 } variable ? Check(variable, KeyVariable)
        : server.IsLoopback ? FunctionKeys.Find(Path.Combine(dataFolder, "keys.json"))
        : null;

    private static Uri Address(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri)
            || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)
            || uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            // Not quoted: it may hold a password or a key.
            throw Wrong("--url must be an address such as http://localhost:7071, without user, query and fragment.");
        }

        var path = uri.AbsolutePath.TrimEnd('/');
        return new Uri(uri, path.EndsWith(Prefix.TrimEnd('/'), StringComparison.Ordinal) ? $"{path}/" : path + Prefix);
    }

    private static string Read(string file)
    {
        try
        {
            using var reader = new StreamReader(file);
            return reader.ReadLine() ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong($"--key-file {file} cannot be read: {PrivateFiles.Reason(e)}");
        }
    }

    private static string Check(string key, string source)
    {
        key = key.Trim();
        return key.Length > 0 && key.All(character => character is > ' ' and < '\u007f')
            ? key
            : throw Wrong($"{source} holds no key: a key is one word of ASCII characters.");
    }

    private static OperatingException Wrong(string message) => new(OperatingExit.Usage, message);
}
