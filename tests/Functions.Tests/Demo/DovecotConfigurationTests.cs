using System.Text.RegularExpressions;
using EmailIngestion.DevServers;
using Xunit;

namespace EmailIngestion.Functions.Tests.Demo;

public class DovecotConfigurationTests
{
    private static readonly DovecotVersion Old = new(2, 3);
    private static readonly DovecotVersion New = new(2, 4);

    public static TheoryData<int> Minors => [3, 4];

    [Fact]
    public void The_first_two_settings_of_2_4_are_its_versions()
    {
        Assert.Equal(["dovecot_config_version = 2.4.0", "dovecot_storage_version = 2.4.0"], Lines(New).Take(2));
    }

    // https://doc.dovecot.org/2.4.0/installation/upgrade/2.3-to-2.4.html
    [Theory]
    [InlineData("protocols = imap", "protocols {")]
    [InlineData("ssl_cert = </data/server.pem", "ssl_server_cert_file = /data/server.pem")]
    [InlineData("ssl_key = </data/server-key.pem", "ssl_server_key_file = /data/server-key.pem")]
    [InlineData("disable_plaintext_auth = no", "auth_allow_cleartext = yes")]
    [InlineData("mail_location = mdbox:~/mail", "mail_driver = mdbox")]
    [InlineData("passdb {", "passdb passwd-file {")]
    [InlineData("userdb {", "userdb static {")]
    [InlineData("args = username_format=%u /data/users/%u", "passwd_file_path = /data/users/%{user}")]
    [InlineData("service_count = 0", "restart_request_count = unlimited")]
    public void Each_version_has_the_settings_by_its_names(string old, string renamed)
    {
        Assert.Contains(old, Lines(Old));
        Assert.DoesNotContain(renamed, Lines(Old));
        Assert.Contains(renamed, Lines(New));
        Assert.DoesNotContain(old, Lines(New));
    }

    [Fact]
    public void No_variable_of_one_character_stays_in_2_4()
    {
        Assert.DoesNotMatch(@"%[^{]", Write(New));
        Assert.DoesNotContain("%{", Write(Old), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Minors))]
    public void Both_serve_the_same_places_users_and_ports(int minor)
    {
        var lines = Lines(new DovecotVersion(2, minor));

        string[] same = [
            "base_dir = /sockets", "listen = 127.0.0.1", "login_greeting = ready 7", "port = 1143", "port = 1993", "separator = /"];
        Assert.All(same, setting => Assert.Contains(setting, lines));
        Assert.Contains(lines, line => Regex.IsMatch(line, @"(^| )uid ?= ?nobody( |$)"));
        Assert.Contains(lines, line => Regex.IsMatch(line, @"(^| )gid ?= ?65534( |$)"));
        Assert.Contains(lines, line => Regex.IsMatch(line, @"(^| )home ?= ?/data/mail/%(u|\{user\})( |$)"));
        Assert.Equal(lines.Count(line => line.EndsWith('{')), lines.Count(line => line == "}"));
    }

    [Theory]
    [MemberData(nameof(Minors))]
    public void Only_root_lets_Dovecot_choose_users_and_root_folders(int minor)
    {
        var version = new DovecotVersion(2, minor);
        string[] rootless = ["default_internal_user = ann", "default_internal_group = staff", "default_login_user = ann", "chroot ="];

        Assert.All(rootless, setting => Assert.Contains(setting, Lines(version, new DovecotIdentity("ann", "staff", IsRoot: false))));
        Assert.DoesNotContain(Lines(version), line => line.StartsWith("default_internal", StringComparison.Ordinal)
            || line.StartsWith("chroot", StringComparison.Ordinal));
    }

    private static string Write(DovecotVersion version, DovecotIdentity? identity = null) => DovecotConfiguration.Write(
        version, new("/data", "/sockets", identity ?? new("nobody", "65534", IsRoot: true), 1143, 1993, "ready 7"));

    // Returns the lines without comments.
    private static string[] Lines(DovecotVersion version, DovecotIdentity? identity = null) =>
        [.. Write(version, identity).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#')];
}
