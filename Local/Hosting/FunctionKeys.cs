using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EmailIngestion.Configuration;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Local.Hosting;

/// <summary>
/// The keys of this machine: one for functions and a master key. The first start makes them and keeps them in a file that only its owner
/// can read.
/// </summary>
internal sealed class FunctionKeys
{
    public const string Header = "x-functions-key";
    public const string Query = "code";

    private const string FunctionKeyName = "default";
    private const string MasterKeyName = "_master";

    private readonly Dictionary<string, string> _keys;
    private readonly (string Name, byte[] Digest)[] _digests;

    private FunctionKeys(Dictionary<string, string> keys, bool isNew)
    {
        _keys = keys;
        _digests = [.. keys.Select(key => (key.Key, Digest(key.Value)))];
        IsNew = isNew;
    }

    /// <summary>Whether this start made the keys.</summary>
    public bool IsNew { get; }

    public string Function => _keys[FunctionKeyName];

    public static FunctionKeys Load(string file)
    {
        if (File.Exists(file))
        {
            var keys = Read(file);
            // An empty key would admit every request.
            if (!keys.ContainsKey(FunctionKeyName) || !keys.ContainsKey(MasterKeyName) || keys.Values.Any(string.IsNullOrWhiteSpace))
            {
                throw new SettingsException(
                    $"{file} does not hold the keys '{FunctionKeyName}' and '{MasterKeyName}': "
                    + "delete it, and the next start makes new ones.");
            }

            return new FunctionKeys(keys, isNew: false);
        }

        var made = new Dictionary<string, string> { [FunctionKeyName] = Make(), [MasterKeyName] = Make() };
        PrivateFiles.CreateFolder(Path.GetDirectoryName(Path.GetFullPath(file))!, UnixMode.OwnersFolder);
        using (var stream = PrivateFiles.Create(file, UnixMode.OwnersFile).File)
            JsonSerializer.Serialize(stream, made);
        return new FunctionKeys(made, isNew: true);
    }

    /// <summary>The function key of a file; null if the file does not exist or holds none. It makes no keys.</summary>
    public static string? Find(string file) =>
        File.Exists(file) && Read(file).GetValueOrDefault(FunctionKeyName) is { } key && !string.IsNullOrWhiteSpace(key) ? key : null;

    /// <summary>The name of the key if it gives access to this level, else null. Empty where no key is needed.</summary>
    public string? Admit(AuthorizationLevel level, string? key)
    {
        if (level == AuthorizationLevel.Anonymous)
            return "";
        // Compares every key, by digests of equal length, so the time reveals nothing about the keys.
        var given = Digest(key ?? "");
        string? admitted = null;
        foreach (var (name, digest) in _digests)
        {
            if (CryptographicOperations.FixedTimeEquals(given, digest) && (name == MasterKeyName || level == AuthorizationLevel.Function))
                admitted = name;
        }

        return admitted;
    }

    private static Dictionary<string, string> Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(file)) ?? [];
        }
        catch (JsonException)
        {
            // Treated as a file without keys. The parser's message is dropped, because it might quote a key.
            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"The keys in {Path.GetFullPath(file)} cannot be read: {PrivateFiles.Reason(e)}");
        }
    }

    private static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static string Make() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(40)).Replace('+', '-').Replace('/', '_');
}
