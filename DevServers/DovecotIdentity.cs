using System.Diagnostics;

namespace EmailIngestion.DevServers;

/// <summary>
/// The users that Dovecot runs as. Started by root it uses those of its package and keeps mail as <c>nobody</c>, since
/// it refuses to serve mail as root; started by anybody else it can only be that user, by name, throughout.
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
            : throw new ServerStartException("Dovecot needs a user and a group with names: this user has none (see `id`).");
    }
}
