using System.Globalization;
using EmailIngestion.Configuration;
using EmailIngestion.Storage;

namespace EmailIngestion.Bodies;

/// <summary>
/// The paths in a folder of bodies: <c>&lt;scope&gt;/&lt;two digits&gt;/&lt;name&gt;</c>, so that no folder has too many files. Files that
/// are being written are in <c>&lt;scope&gt;/.incoming</c>.
/// </summary>
internal sealed class BodyFolder(string root, UnixFileMode folderMode)
{
    /// <summary>The file that each scope's folder has. Without it the folder is not this system's.</summary>
    public const string Mark = ".bodies";

    private const string IncomingName = ".incoming";
    private const string DeletingName = ".deleting";
    private const int Digits = 2;

    private static readonly TimeSpan IncomingAge = TimeSpan.FromDays(1);

    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>The path of a body.</summary>
    /// <exception cref="ArgumentException">It is no name of a body. Its path might be outside the folder.</exception>
    public string Of(string name) => BodyName.IsValid(name)
        ? Path.Combine(Root, BodyName.Scope(name), BodyName.Local(name)[..Digits], BodyName.Local(name))
        : throw new ArgumentException("This is not the name of a body.", nameof(name));

    public string Scope(string scope) => Path.Combine(Root, scope);

    public string Incoming(string scope) => Path.Combine(Root, scope, IncomingName);

    /// <summary>Where a body is while it is deleted.</summary>
    public string Deleting(string scope) => Path.Combine(Root, scope, DeletingName);

    /// <summary>Each write makes a new file, so its time is another.</summary>
    public static string VersionOf(FileInfo file) =>
        string.Create(CultureInfo.InvariantCulture, $"{file.LastWriteTimeUtc.Ticks}/{file.Length}");

    public bool Has(string scope) => File.Exists(Path.Combine(Root, scope, Mark));

    /// <summary>Creates a scope's folder with its mark, synced.</summary>
    public void Prepare(string scope)
    {
        Create(Incoming(scope));
        var mark = Path.Combine(Scope(scope), Mark);
        using (var file = PrivateFiles.Create(mark, UnixMode.OwnersFile).File)
            file.Flush(flushToDisk: true);
        FolderSync.Run(Scope(scope));
        FolderSync.Run(Root);
    }

    /// <summary>The folders of a scope that have bodies.</summary>
    public IReadOnlyList<string> Parts(string scope) => [.. Directory.EnumerateDirectories(Scope(scope), new string('?', Digits))];

    /// <summary>The bodies in one of a scope's folders.</summary>
    public static IReadOnlyList<StoredBody> Bodies(string scope, string path) =>
    [
        .. new DirectoryInfo(path).EnumerateFiles()
            .Select(file => BodyName.IsValid($"{scope}/{file.Name}") ? Describe($"{scope}/{file.Name}", file) : null)
            .OfType<StoredBody>(),
    ];

    /// <summary>What a file says of its body; null when there is no file.</summary>
    public static StoredBody? Describe(string name, FileInfo file) =>
        file.Exists ? new StoredBody(name, file.Length, file.LastWriteTimeUtc, VersionOf(file)) : null;

    /// <summary>Deletes the files that a crash has left while they were written.</summary>
    public void DeleteLeft(string scope, DateTimeOffset now)
    {
        foreach (var file in Directory.EnumerateFiles(Incoming(scope), "*.tmp"))
        {
            if (File.GetLastWriteTimeUtc(file) < now.UtcDateTime - IncomingAge)
                File.Delete(file);
        }
    }

    /// <summary>Creates a folder that is missing, and syncs its name.</summary>
    /// <returns>False if the file system does not keep the permissions.</returns>
    public bool Create(string folder)
    {
        if (Directory.Exists(folder))
            return true;
        var kept = PrivateFiles.CreateFolder(folder, folderMode);
        FolderSync.Run(Path.GetDirectoryName(folder)!);
        return kept;
    }
}
