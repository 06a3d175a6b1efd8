using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EmailIngestion.Configuration;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Local.Hosting;

/// <summary>The keys of this machine: one for functions, one for everything. Made at the first start and kept in a file only its owner reads.</summary>
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

    /// <summary>The keys were made at this start.</summary>
    public bool IsNew { get; }

    public string Function => _keys[FunctionKeyName];

    public static FunctionKeys Load(string file)
    {
        if (File.Exists(file))
        {
            var keys = Read(file);
            // An empty key would open everything to everybody.
            if (!keys.ContainsKey(FunctionKeyName) || !keys.ContainsKey(MasterKeyName) || keys.Values.Any(string.IsNullOrWhiteSpace))
                throw new SettingsException($"{file} does not hold the keys '{FunctionKeyName}' and '{MasterKeyName}': delete it to have new ones made.");
            return new FunctionKeys(keys, isNew: false);
        }

        var made = new Dictionary<string, string> { [FunctionKeyName] = Make(), [MasterKeyName] = Make() };
        PrivateFiles.CreateFolder(Path.GetDirectoryName(Path.GetFullPath(file))!, UnixMode.OwnersFolder);
        using (var stream = PrivateFiles.Create(file, UnixMode.OwnersFile).File)
            JsonSerializer.Serialize(stream, made);
        return new FunctionKeys(made, isNew: true);
    }

    /// <summary>The name of the key when it opens this level; else null.</summary>
    public string? Admit(AuthorizationLevel level, string? key)
    {
        if (level == AuthorizationLevel.Anonymous)
            return "";
        // Each key is compared, by digests of one length: the time tells nothing of the keys.
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
            // As good as one without keys. The parser's message might quote one.
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
