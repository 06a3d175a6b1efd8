namespace EmailIngestion.DevServers;

/// <summary>The configuration file of a Dovecot, in the words of its version.</summary>
internal static class DovecotConfiguration
{
    public static string Write(DovecotVersion version, DovecotSettings settings) =>
        version.HasRenamedSettings ? Dovecot24Configuration.Write(settings) : Dovecot23Configuration.Write(settings);

    /// <summary>What every version needs where another user than root starts it: only root may change the user or the root folder of a process.</summary>
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
