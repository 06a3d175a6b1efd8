using System.Globalization;

namespace EmailIngestion.Bodies;

/// <summary>
/// Deletes a body in a folder only if it is the one that was found. A file system has no such call: the file is moved aside, into
/// <c>&lt;scope&gt;/.deleting</c>, and what was moved is looked at. A file that was written again meanwhile is moved back. A reader finds
/// it aside too. What a crash leaves there is moved back later.
/// </summary>
internal sealed class FolderRemoval(BodyFolder folder, TimeProvider time)
{
    private static readonly TimeSpan LeftAfter = TimeSpan.FromMinutes(10);

    /// <returns>False when the file was not there, or was another one.</returns>
    public bool TryDelete(StoredBody body)
    {
        var path = folder.Of(body.Name);
        if (!Directory.Exists(Path.GetDirectoryName(path)))
            return false;
        var own = BodyName.Scope(body.Name);
        folder.Create(folder.Deleting(own));
        var aside = Path.Combine(folder.Deleting(own), $"{BodyName.Local(body.Name)}.{Now()}.{Guid.NewGuid():N}");
        try
        {
            File.Move(path, aside);
        }
        catch (FileNotFoundException)
        {
            return false;
        }

        if (BodyFolder.VersionOf(new FileInfo(aside)) != body.Version)
        {
            Restore(aside, path);
            return false;
        }

        File.Delete(aside);
        return true;
    }

    /// <summary>The path of a body that is aside at the moment; null when it is not.</summary>
    public string? Find(string name)
    {
        var deleting = folder.Deleting(BodyName.Scope(name));
        return Directory.Exists(deleting) ? Directory.EnumerateFiles(deleting, $"{BodyName.Local(name)}.*").FirstOrDefault() : null;
    }

    /// <summary>Moves back what a crash has left aside, so that it is listed again.</summary>
    public void RestoreLeft(string scope)
    {
        if (!Directory.Exists(folder.Deleting(scope)))
            return;
        foreach (var aside in Directory.EnumerateFiles(folder.Deleting(scope)))
        {
            var parts = Path.GetFileName(aside).Split('.');
            if (parts.Length == 3 && BodyName.IsValid(parts[0])
                && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var since)
                && since < time.GetUtcNow().Subtract(LeftAfter).ToUnixTimeMilliseconds())
            {
                Restore(aside, folder.Of($"{scope}/{parts[0]}"));
            }
        }
    }

    // A body of the same name has the same content, so a newer file takes precedence.
    private static void Restore(string aside, string path)
    {
        try
        {
            if (!File.Exists(path))
                File.Move(aside, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // It was written again just now.
        }

        File.Delete(aside);
    }

    private string Now() => time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
}
