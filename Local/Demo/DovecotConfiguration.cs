namespace EmailIngestion.Local.Demo;

/// <summary>The configuration file of Dovecot 2.3 (https://doc.dovecot.org/2.3/).</summary>
internal static class DovecotConfiguration
{
    /// <param name="folder">Mail, users, certificates.</param>
    /// <param name="sockets">A folder with a short path.</param>
    /// <param name="identity">Who runs what.</param>
    /// <param name="port">Plain text and STARTTLS.</param>
    /// <param name="tlsPort">Implicit TLS.</param>
    /// <param name="greeting">What the server says first, by which we know it is ours.</param>
    public static string Write(string folder, string sockets, DovecotIdentity identity, int port, int tlsPort, string greeting) => $$"""
        base_dir = {{sockets}}
        state_dir = {{sockets}}
        log_path = /dev/stderr
        listen = 127.0.0.1
        protocols = imap
        login_greeting = {{greeting}}

        ssl = yes
        ssl_cert = <{{folder}}/{{DovecotCertificate.CertificateFile}}
        ssl_key = <{{folder}}/{{DovecotCertificate.KeyFile}}
        disable_plaintext_auth = no
        auth_failure_delay = 0

        # Folders are folders of the file system, so that a name may hold a dot, with / between levels.
        # Many mails to a file: two thousand are appended in a tenth of a second, with a file for each in two.
        mail_location = mdbox:~/mail
        mail_fsync = never
        mail_max_userip_connections = 10000
        first_valid_uid = 1
        namespace inbox {
          inbox = yes
          separator = /
        }

        # One file for each user: a shared one is looked at once a second only, too late for a user just added.
        passdb {
          driver = passwd-file
          args = username_format=%u {{folder}}/users/%u
        }
        userdb {
          driver = static
          args = uid={{identity.MailUser}} gid={{identity.MailGroup}} home={{folder}}/mail/%u allow_all_users=yes
        }

        # By default an address that failed to log in waits up to 15 seconds the next time.
        service anvil {
          unix_listener anvil-auth-penalty {
            mode = 0
          }
        }

        # A login takes a process that is there already, for any number of connections.
        service imap-login {
          inet_listener imap {
            port = {{port}}
          }
          inet_listener imaps {
            port = {{tlsPort}}
            ssl = yes
          }
          service_count = 0
          process_min_avail = 2
          process_limit = 4
        }
        service imap {
          service_count = 0
          process_min_avail = 2
          process_limit = 256
        }
        default_client_limit = 500
        {{(identity.IsRoot ? "" : Rootless(identity))}}
        """;

    // Only root may change the user or the root folder of a process.
    private static string Rootless(DovecotIdentity identity) => $$"""
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
