namespace EmailIngestion.DevServers;

/// <summary>Gives the users of a Dovecot that root starts access to its folders.</summary>
internal static class DovecotPermissions
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Pass = UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode Read = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Write = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    public static void Prepare(string folder, string sockets, DovecotIdentity identity)
    {
        var mail = Directory.CreateDirectory(Path.Combine(folder, "mail")).FullName;
        var users = Directory.CreateDirectory(Path.Combine(folder, "users")).FullName;
        if (OperatingSystem.IsWindows()) throw new ServerStartException("Dovecot does not run on Windows: use WSL.");

        // Dovecot would set this mode itself, with a warning. The sockets have their own permissions.
        File.SetUnixFileMode(sockets, Owner | Pass | Read);
        if (!identity.IsRoot) return;

        for (var parent = Directory.GetParent(folder); parent is not null; parent = parent.Parent)
        {
            if (!parent.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
                throw new ServerStartException($"Dovecot cannot keep mail in {folder}: only root may enter {parent}.");
        }

        File.SetUnixFileMode(folder, Owner | Pass);
        File.SetUnixFileMode(users, Owner | Pass);
        File.SetUnixFileMode(mail, Owner | Pass | Read | Write | UnixFileMode.StickyBit);
    }
}
