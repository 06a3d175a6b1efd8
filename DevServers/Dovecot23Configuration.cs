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

        # mdbox stores folders as directories, so a name may hold a dot, and / separates levels.
        # It stores many emails in one file: 2,000 appends take 0.1 s instead of 2 s with one file each.
        mail_location = mdbox:~/mail
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
        passdb {
          driver = passwd-file
          mechanisms = plain login
          args = username_format=%u {{settings.Folder}}/users/%u
        }
        userdb {
          driver = static
          args = uid={{settings.Identity.MailUser}} gid={{settings.Identity.MailGroup}} home={{settings.Folder}}/mail/%u allow_all_users=yes
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
          service_count = 0
          process_min_avail = 2
          process_limit = 4
        }
        service imap {
          service_count = 0
          process_min_avail = 2
          process_limit = 1024
        }
        default_client_limit = 2000
        {{DovecotConfiguration.Rootless(settings.Identity)}}
        """;

    private static string AccessLists(DovecotSettings settings) => !settings.HasAccessLists ? "" : """
        mail_plugins = acl
        protocol imap {
          mail_plugins = acl imap_acl
        }
        plugin {
          acl = vfile
        }
        """;

    private static string OAuth(DovecotSettings settings)
    {
        if (settings.Introspection is null)
            return "";
        // Dovecot reads these settings from a file of their own.
        var file = Path.Combine(settings.Sockets, "oauth2.conf");
        File.WriteAllText(file, $"""
            introspection_mode = post
            introspection_url = {settings.Introspection}
            force_introspection = yes
            username_attribute = username
            active_attribute = active
            active_value = true

            """);
        return $$"""
            auth_mechanisms = plain login xoauth2 oauthbearer
            passdb {
              driver = oauth2
              mechanisms = xoauth2 oauthbearer
              args = {{file}}
            }
            """;
    }
}
