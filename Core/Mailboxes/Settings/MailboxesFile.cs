using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EmailIngestion.Configuration;
using EmailIngestion.Messages;
using Microsoft.Extensions.Configuration;

namespace EmailIngestion.Mailboxes.Settings;

/// <summary>
/// The JSON file of further mailboxes: an array of the same shape as section <c>Mailboxes</c>, or an object that has it as "Mailboxes".
/// </summary>
/// <param name="path">The file's path.</param>
/// <param name="references">The settings to which its values refer.</param>
internal sealed class MailboxesFile(string path, SettingReferences references)
{
    /// <summary>The setting that names the file.</summary>
    public const string Setting = "MAILBOXES_FILE";

    // A mounted Secret or ConfigMap has at most 1 MiB.
    private const int MaxBytes = 4 * 1024 * 1024;

    private const string Section = "Mailboxes";

    private static readonly JsonDocumentOptions Relaxed = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    // What the file said when it was last read well. Binding hundreds of mailboxes every few seconds would cost a tenth of a core.
    private byte[]? _content;
    private Dictionary<string, string?> _flat = [];
    private Dictionary<string, string?> _settings = [];
    private MailboxesReading? _reading;

    public string Path => path;

    public bool Exists => File.Exists(path);

    /// <summary>Reads the file. While it and the settings to which it refers stay the same, so do the mailboxes.</summary>
    public MailboxesReading Read()
    {
        byte[] content = [];
        try
        {
            content = ReadBytes();
            var isSame = _content is not null && content.AsSpan().SequenceEqual(_content);
            var flat = isSame ? _flat : Flatten(content);
            var settings = references.Resolve(flat);
            if (isSame && settings.Count == _settings.Count && !settings.Except(_settings).Any())
                return _reading!;
            var root = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
            var mailboxes = StrictBinder.BindList<MailboxOptions>(root.GetSection(Section));
            foreach (var (index, mailbox) in mailboxes.Index())
                (mailbox.Setting, mailbox.Digest) = ($"{Setting} {Section}:{index}", Digest(root.GetSection($"{Section}:{index}")));
            (_content, _flat, _settings) = (content, flat, settings);
            return _reading = new MailboxesReading(Digest(root.GetSection(Section)), mailboxes, null);
        }
        catch (Exception e) when (e is SettingsException or JsonException or FormatException or IOException or UnauthorizedAccessException)
        {
            var fault = $"{Setting} {path}: {Reason(e)}";
            return new MailboxesReading(Digest(content, fault), null, fault);
        }
    }

    private string Reason(Exception error) => error switch
    {
        SettingsException => error.Message,
        FileNotFoundException or DirectoryNotFoundException => "there is no such file.",
        UnauthorizedAccessException when Directory.Exists(path) => "it is a folder.",
        JsonException => $"it is not JSON: {BoundedText.Line(error.Message)}",
        _ => BoundedText.Line(error.Message),
    };

    private byte[] ReadBytes()
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.Length > MaxBytes)
            throw new SettingsException($"it has more than {MaxBytes} bytes.");
        var content = new byte[file.Length];
        file.ReadExactly(content);
        if (content.AsSpan().StartsWith(Encoding.Unicode.Preamble) || content.AsSpan().StartsWith(Encoding.BigEndianUnicode.Preamble))
            throw new SettingsException("it is not UTF-8. Save it as UTF-8.");
        return content.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? content[Encoding.UTF8.Preamble.Length..] : content;
    }

    private static Dictionary<string, string?> Flatten(byte[] content)
    {
        using var json = JsonDocument.Parse(content, Relaxed);
        var root = json.RootElement;
        var isList = root.ValueKind == JsonValueKind.Array;
        if (!isList && !IsSection(root))
            throw new SettingsException($"it must be an array of mailboxes, or an object with nothing but an array \"{Section}\".");
        var items = isList ? root : root.EnumerateObject().Single().Value;
        foreach (var (index, item) in items.EnumerateArray().Index())
        {
            if (item.ValueKind != JsonValueKind.Object)
                throw new SettingsException($"{Section}:{index} is not an object of names and values.");
        }

        using var stream = new MemoryStream(isList ? [.. "{\"Mailboxes\":"u8, .. content, .. "}"u8] : content);
        return new ConfigurationBuilder().AddJsonStream(stream).Build().AsEnumerable()
            // An empty mailbox has no settings, and is an error of its own. A null is no value.
            .Where(setting => setting.Value is not null || setting.Key.Count(c => c == ':') == 1)
            .ToDictionary(setting => setting.Key, setting => setting.Value, StringComparer.OrdinalIgnoreCase);
    }

    private static bool IsSection(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object
        && root.EnumerateObject().ToArray() is [var only]
        && only.Name.Equals(Section, StringComparison.OrdinalIgnoreCase)
        && only.Value.ValueKind == JsonValueKind.Array;

    // Independent of the order of the settings, and of the mailbox's place in the list.
    private static string Digest(IConfigurationSection section) => Digest(
        [],
        [.. section.AsEnumerable(makePathsRelative: true).OrderBy(item => item.Key, StringComparer.Ordinal)
            .SelectMany(item => new[] { item.Key, item.Value ?? "" })]);

    private static string Digest(byte[] content, params IReadOnlyList<string> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(content);
        foreach (var text in texts)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
