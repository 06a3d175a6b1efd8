namespace EmailIngestion.DevServers;

/// <summary>The configuration file of Dovecot 2.3 (https://doc.dovecot.org/2.3/).</summary>
internal static class Dovecot23Configuration
{
    public static string Write(DovecotSettings settings) => $$"""
        base_dir = {{settings.Sockets}}
        state_dir = {{settings.Sockets}}
        log_path = /dev/stderr
        listen = 127.0.0.1
        protocols = imap
        login_greeting = {{settings.Greeting}}

        ssl = yes
        ssl_cert = <{{settings.Folder}}/{{DovecotCertificate.CertificateFile}}
        ssl_key = <{{settings.Folder}}/{{DovecotCertificate.KeyFile}}
        disable_plaintext_auth = no
        auth_failure_delay = 0

        # Folders are folders of the file system, so that a name may hold a dot, with / between levels.
        # Many mails to a file: two thousand are appended in a tenth of a second, with a file for each in two.
        mail_location = mdbox:~/mail
        mail_fsync = never
        mail_max_userip_connections = {{settings.MaxConnections}}
        first_valid_uid = 1
        namespace inbox {
          inbox = yes
          prefix = {{settings.Prefix}}
          separator = {{settings.Separator}}
        }

        # One file for each user: a shared one is looked at once a second only, too late for a user just added.
        passdb {
          driver = passwd-file
          args = username_format=%u {{settings.Folder}}/users/%u
        }
        userdb {
          driver = static
          args = uid={{settings.Identity.MailUser}} gid={{settings.Identity.MailGroup}} home={{settings.Folder}}/mail/%u allow_all_users=yes
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
            port = {{settings.Port}}
          }
          inet_listener imaps {
            port = {{settings.TlsPort}}
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
        {{DovecotConfiguration.Rootless(settings.Identity)}}
        """;
}
