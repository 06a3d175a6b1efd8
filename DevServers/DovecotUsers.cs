using System.Text;

namespace EmailIngestion.DevServers;

/// <summary>The users of one Dovecot: a passwd-file for each.</summary>
internal sealed class DovecotUsers(string folder)
{
    private readonly string users = Directory.CreateDirectory(Path.Combine(folder, "users")).FullName;

    public void Add(string name, string password)
    {
        // A name is the name of a file and a field between colons.
        if (name.Length == 0 || name[0] == '.' || !name.All(c => char.IsAsciiLetterOrDigit(c) || "@._+-".Contains(c, StringComparison.Ordinal)))
            throw new ArgumentException($"'{name}' is not a name that the demo server takes.", nameof(name));

        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(password));
        var file = Path.Combine(users, name);

        var written = $"{file}.{Guid.NewGuid():N}";
        File.WriteAllText(written, $"{name}:{{PLAIN.b64}}{encoded}\n");
        // Dovecot reads a file again if its size or the second of its last change is another.
        if (File.Exists(file)) File.SetLastWriteTimeUtc(written, File.GetLastWriteTimeUtc(file).AddSeconds(1));
        // Moved into place, so that nobody reads half a file.
        File.Move(written, file, overwrite: true);
    }
}
