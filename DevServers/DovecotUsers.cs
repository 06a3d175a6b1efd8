using System.Text;

namespace EmailIngestion.DevServers;

/// <summary>The users of one Dovecot, with one passwd-file each.</summary>
internal sealed class DovecotUsers(string folder)
{
    private readonly string users = Directory.CreateDirectory(Path.Combine(folder, "users")).FullName;

    public void Add(string name, string password)
    {
        // The name is the name of a file and a field between colons.
        if (name.Length == 0 || name[0] == '.' || !name.All(IsAllowed))
        {
            throw new ArgumentException(
                $"'{name}' is not a valid user name: use ASCII letters, digits and @ . _ + -, and no leading dot.", nameof(name));
        }

        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(password));
        var file = Path.Combine(users, name);

        var written = $"{file}.{Guid.NewGuid():N}";
        File.WriteAllText(written, $"{name}:{{PLAIN.b64}}{encoded}\n");
        // Dovecot reads a file again if its size or its time of change, in seconds, differs.
        if (File.Exists(file)) File.SetLastWriteTimeUtc(written, File.GetLastWriteTimeUtc(file).AddSeconds(1));
        // A move is atomic, so Dovecot does not read half a file.
        File.Move(written, file, overwrite: true);
    }

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || "@._+-".Contains(c, StringComparison.Ordinal);
}
