using System.Diagnostics;

namespace EmailIngestion.DevServers;

/// <summary>
/// The users of Dovecot's processes. Started by root, it uses the users of its package and stores mail as <c>nobody</c>, because it refuses
/// to serve mail as root. Started by another user, all its processes run as that user, by name.
/// </summary>
internal sealed record DovecotIdentity(string MailUser, string MailGroup, bool IsRoot)
{
    public static DovecotIdentity Current() => Environment.IsPrivilegedProcess
        ? new("nobody", "65534", true)
        : new(Id("-un"), Id("-gn"), false);

    private static string Id(string option)
    {
        using var id = Process.Start(new ProcessStartInfo("id", [option]) { RedirectStandardOutput = true })!;
        var name = id.StandardOutput.ReadToEnd().Trim();
        id.WaitForExit();
        return id.ExitCode == 0
            ? name
            : throw new ServerStartException("Dovecot needs a user and a group with names, and this user has none: see `id`.");
    }
}
