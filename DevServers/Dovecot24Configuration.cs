namespace EmailIngestion.DevServers;

/// <summary>The configuration file of Dovecot 2.4 (https://doc.dovecot.org/2.4.1/).</summary>
internal static class Dovecot24Configuration
{
    // Every 2.4 release accepts the settings, defaults and files of 2.4.0.
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

        # mdbox stores folders as directories, so a name may hold a dot, and / separates levels.
        # It stores many emails in one file: 2,000 appends take 0.1 s instead of 2 s with one file each.
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

        {{OAuth(settings)}}
        {{AccessLists(settings)}}
        # One file per user: Dovecot checks a shared file once a second only, which is too late for a new user.
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

        # Disables the delay of up to 15 seconds after a failed login of an address.
        service anvil {
          unix_listener anvil-auth-penalty {
            mode = 0
          }
        }

        # Keeps login processes running, each for any number of connections.
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
          process_limit = 1024
        }
        default_client_limit = 2000
        {{DovecotConfiguration.Rootless(settings.Identity)}}
        """;

    private static string AccessLists(DovecotSettings settings) => !settings.HasAccessLists ? "" : """
        acl_driver = vfile
        mail_plugins {
          acl = yes
        }
        protocol imap {
          mail_plugins {
            imap_acl = yes
          }
        }
        """;

    private static string OAuth(DovecotSettings settings) => settings.Introspection is null ? "" : $$"""
        auth_mechanisms = plain login xoauth2 oauthbearer
        oauth2 {
          introspection_mode = post
          introspection_url = {{settings.Introspection}}
          force_introspection = yes
          username_attribute = username
          active_attribute = active
          active_value = true
        }
        """;
}
