namespace EmailIngestion.DevServers;

/// <summary>Writes the configuration file for a version of Dovecot.</summary>
internal static class DovecotConfiguration
{
    public static string Write(DovecotVersion version, DovecotSettings settings) =>
        version.HasRenamedSettings ? Dovecot24Configuration.Write(settings) : Dovecot23Configuration.Write(settings);

    /// <summary>
    /// The settings for a start without root: only root may change the user or the root folder of a process.
    /// </summary>
    public static string Rootless(DovecotIdentity identity) => identity.IsRoot ? "" : $$"""
        default_internal_user = {{identity.MailUser}}
        default_internal_group = {{identity.MailGroup}}
        default_login_user = {{identity.MailUser}}
        service anvil {
          chroot =
        }
        service imap-login {
          chroot =
        }
        service imap-urlauth-login {
          chroot =
        }
        """;
}
