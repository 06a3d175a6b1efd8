namespace EmailIngestion.DevServers;

/// <summary>The configuration file of Dovecot 2.4 (https://doc.dovecot.org/2.4.1/).</summary>
internal static class Dovecot24Configuration
{
    // Every 2.4 knows the settings, the defaults and the files of the first one.
    private const string Oldest = "2.4.0";

    public static string Write(DovecotSettings settings) => $$"""
        dovecot_config_version = {{Oldest}}
        dovecot_storage_version = {{Oldest}}
        base_dir = {{settings.Sockets}}
        state_dir = {{settings.Sockets}}
        log_path = /dev/stderr
        listen = 127.0.0.1
        protocols {
          imap = yes
        }
        login_greeting = {{settings.Greeting}}

        ssl = yes
        ssl_server_cert_file = {{settings.Folder}}/{{DovecotCertificate.CertificateFile}}
        ssl_server_key_file = {{settings.Folder}}/{{DovecotCertificate.KeyFile}}
        auth_allow_cleartext = yes
        auth_failure_delay = 0

        # Folders are folders of the file system, so that a name may hold a dot, with / between levels.
        # Many mails to a file: two thousand are appended in a tenth of a second, with a file for each in two.
        mail_driver = mdbox
        mail_path = ~/mail
        mail_fsync = never
        mail_max_userip_connections = {{settings.MaxConnections}}
        first_valid_uid = 1
        namespace inbox {
          inbox = yes
          prefix = {{settings.Prefix}}
          separator = {{settings.Separator}}
        }

        # One file for each user: a shared one is looked at once a second only, too late for a user just added.
        passdb passwd-file {
          passwd_file_path = {{settings.Folder}}/users/%{user}
        }
        userdb static {
          fields {
            uid = {{settings.Identity.MailUser}}
            gid = {{settings.Identity.MailGroup}}
            home = {{settings.Folder}}/mail/%{user}
          }
          static_allow_all_users = yes
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
          restart_request_count = unlimited
          process_min_avail = 2
          process_limit = 4
        }
        service imap {
          restart_request_count = unlimited
          process_min_avail = 2
          process_limit = 256
        }
        default_client_limit = 500
        {{DovecotConfiguration.Rootless(settings.Identity)}}
        """;
}
