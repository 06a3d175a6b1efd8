using EmailIngestion.Mailboxes;
using EmailIngestion.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace EmailIngestion.Core.Tests.Configuration;

public sealed class SettingsTests
{
    [Fact]
    public void Good_settings_print_nothing() => Assert.Empty(Start.Lines(Start.Good()));

    /// <summary>A change to good settings, and the text that the error line has besides the setting's name.</summary>
    [Theory]
    [InlineData("Consumer:BatchSise", "10", "not a setting")]
    [InlineData("Streams:Url", "x", "not a setting")]
    [InlineData("Polling:Interval", "1", "not a setting")]
    [InlineData("Telemetry:Port", "1", "not a setting")]
    [InlineData("Mailboxes:0:User", "x", "not a setting")]
    [InlineData("Mailboxes", "ann@example.org", "a list")]
    [InlineData("Streams:Partitions", "sales", "a list")]
    [InlineData("Consumer:Name:0", "x", "is not a list")]
    [InlineData("Consumer:BatchSize", "ten", "is 'ten': it must be a whole number between 1 and 1000.")]
    [InlineData("Consumer:BatchSize", "99999999999", "is '99999999999': it must be a whole number between 1 and 1000.")]
    [InlineData("Consumer:BatchSize", "", "is '': it must be a whole number between 1 and 1000.")]
    [InlineData("Mailboxes:0:Port", "", "is '': it must be a whole number between 1 and 65535.")]
    [InlineData("Consumer:Lease", "1m", "is '1m': it must be a time between 00:00:01 and 01:00:00, written hh:mm:ss or d.hh:mm:ss.")]
    [InlineData("Consumer:BatchSize", "0", "is 0: it must be between 1 and 1000")]
    [InlineData("Consumer:BlockTimeout", "5000", "hh:mm:ss")]
    [InlineData("Consumer:Enabled", "maybe", "is 'maybe': it must be true or false.")]
    [InlineData("Consumer:Name", " ", "blank")]
    [InlineData("Consumer:Name", "a\u001b[2Jb", "Consumer:Name")]
    [InlineData("Consumer:Name", "a\u009bb", "Consumer:Name")]
    [InlineData("Consumer:Name", "a#b", "Consumer:Name")]
    [InlineData("Consumer:Lease", "00:00:39", "00:00:20")]
    [InlineData("Consumer:SpoolFolder", "/no/such/folder", "cannot be written")]
    [InlineData("Consumer:MaxSpoolBytes", "1", "is 1: it must be between 4194304 and")]
    [InlineData("REDIS_PORT", "70000", "70000")]
    [InlineData("REDIS_PORT", "redis", "redis")]
    [InlineData("REDIS_MAX_STREAM_LENGTH", "-1", "-1")]
    [InlineData("Streams:MaxStreamLength", "many", "'many'")]
    [InlineData("Streams:MaxMemoryRatio", "75", "75")]
    [InlineData("Streams:MaxMemoryRatio", "3/4", "is '3/4': it must be a number between 0.1 and 1.")]
    [InlineData("Webhook:PermanentStatusCodes:0", "4xx", "is '4xx': it must be a whole number.")]
    [InlineData("Webhook:PermanentStatusCodes", "400", "a list")]
    [InlineData("Streams:MaxMemoryBytes", "-1", "-1")]
    [InlineData("Streams:MaxMemoryBytes", "1GB", "'1GB'")]
    [InlineData("Streams:ConnectionString", "redis:6379", "REDIS_HOST is localhost")]
    [InlineData("Mailboxes:0:Port", "70000", "70000")]
    [InlineData("Mailboxes:0:Security", "Ssl", "is 'Ssl': it must be one of Tls, StartTls, None.")]
    [InlineData("Mailboxes:0:Security", "7", "7")]
    [InlineData("Mailboxes:0:StartFrom", "yesterday", "yesterday")]
    [InlineData("Mailboxes:0:StartFrom", "2023-02-30", "2023-02-30")]
    [InlineData("Mailboxes:0:StartFrom", "now ", "now ")]
    [InlineData("Mailboxes:0:StartFrom", "", "missing")]
    [InlineData("Mailboxes:0:Username", "", "missing")]
    [InlineData("Mailboxes:0:Password", "", "missing")]
    [InlineData("Mailboxes:0:Partition", "sales", "'sales'")]
    [InlineData("Mailboxes:0:CertificateAuthority", "no/such/file.pem", "no/such/file.pem")]
    [InlineData("Processing:Processor", "fax", "'fax'")]
    [InlineData("Processing:Retries", "11", "11")]
    [InlineData("Telemetry:PrometheusPort", "70000", "70000")]
    [InlineData("Archive:FileMode", "rw-r-----", "octal digits")]
    [InlineData("Archive:FileMode", "0440", "0440")]
    [InlineData("Archive:FileMode", "4600", "4600")]
    [InlineData("Archive:FileMode", "", "missing")]
    [InlineData("Archive:FolderMode", "0640", "0640")]
    [InlineData("Archive:FolderMode", "758", "758")]
    public void A_wrong_setting_stops_the_start_with_one_line_that_names_it(string setting, string value, string says)
    {
        var line = Assert.Single(Start.Lines(Start.Good((setting, value))));
        Assert.StartsWith("Settings: ", line, StringComparison.Ordinal);
        Assert.Contains(setting, line, StringComparison.Ordinal);
        Assert.Contains(says, line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
        Assert.DoesNotContain(Start.Password, line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Mailboxes:first:Username", "x", "Mailboxes:first is not a setting")]
    [InlineData("Mailboxes:3:Username", "eve@example.org", "Mailboxes is a list, numbered from Mailboxes:0 on without a gap")]
    [InlineData("Streams:Partitions:0", "a b", "Streams:Partitions has 'a b'")]
    [InlineData("Mailboxes:1:Username", "ann@example.org", "Mailboxes:0 and Mailboxes:1 are the same mailbox, ann@example.org/INBOX")]
    [InlineData("Mailboxes:1:Username", "Ann@Example.org", "Mailboxes:1 are the same mailbox, Ann@Example.org/INBOX, in upper")]
    public void A_wrong_list_stops_the_start_with_one_line_that_names_it(string setting, string value, string says) =>
        Assert.Contains(says, Assert.Single(Start.Lines(Start.Good((setting, value)))), StringComparison.Ordinal);

    [Fact]
    public void A_missing_redis_is_named_once()
    {
        var line = Assert.Single(Start.Lines(Start.Good(("REDIS_HOST", null))));
        Assert.Equal("Settings: Streams:ConnectionString is missing: set it, or REDIS_HOST.", line);
    }

    [Fact]
    public void Several_wrong_settings_have_a_line_each()
    {
        var lines = Start.Lines(Start.Good(("Mailboxes:0:Port", "0"), ("Mailboxes:1:Port", "70000"), ("Consumer:BatchSize", "0")));
        Assert.Equal(3, lines.Count);
        Assert.All(["Mailboxes:0:Port", "Mailboxes:1:Port", "Consumer:BatchSize"], name =>
            Assert.Single(lines, line => line.Contains(name, StringComparison.Ordinal)));
    }

    [Fact]
    public void Two_names_for_one_limit_must_agree()
    {
        var line = Assert.Single(Start.Lines(Start.Good(("REDIS_MAX_STREAM_LENGTH", "5000"), ("Streams:MaxStreamLength", "6000"))));
        Assert.Contains("REDIS_MAX_STREAM_LENGTH is 5000", line, StringComparison.Ordinal);
        Assert.Contains("Streams:MaxStreamLength is 6000", line, StringComparison.Ordinal);
        Assert.Empty(Start.Lines(Start.Good(("REDIS_MAX_STREAM_LENGTH", "5000"), ("Streams:MaxStreamLength", "5000"))));
    }

    [Theory]
    [InlineData("00:00:14.999", "true", 1)]
    [InlineData("00:00:15", "true", 0)]
    [InlineData("00:00:14.999", "false", 0)]
    public void DKIM_is_not_checked_within_a_short_attempt(string timeout, string verifies, int lines)
    {
        var said = Start.Lines(Start.Good(("Processing:AttemptTimeout", timeout), ("Processing:VerifyDkim", verifies)));
        Assert.Equal(lines, said.Count);
        Assert.All(said, line => Assert.Contains("Processing:VerifyDkim is true", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Url", "", "Secret", Start.Secret, "Webhook:Url is ''")]
    [InlineData("Url", "ftp://example.org", "Secret", Start.Secret, "Webhook:Url is 'ftp://example.org'")]
    [InlineData("Url", "https://example.org", "Secret", "", "Webhook:Secret has 0 bytes")]
    [InlineData("Url", "https://example.org", "Secret", "fifteen symbols", "Webhook:Secret has 15 bytes")]
    [InlineData("Url", "https://example.org", "Timeout", "00:00:31", "Webhook:Timeout is 00:00:31")]
    [InlineData("Url", "https://example.org", "PermanentStatusCodes:0", "500", "Webhook:PermanentStatusCodes has 500")]
    public void A_wrong_webhook_setting_stops_the_start_with_one_line_that_names_it(
        string one, string oneValue, string other, string otherValue, string says)
    {
        var line = Assert.Single(Start.Lines(
            Start.Good(("Processing:Processor", "webhook"), ($"Webhook:{one}", oneValue), ($"Webhook:{other}", otherValue))));
        Assert.Contains(says, line, StringComparison.Ordinal);
        Assert.DoesNotContain("fifteen symbols", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_string_that_cannot_be_read_does_not_show_its_password()
    {
        var line = Assert.Single(Start.Lines(
            Start.Good(("REDIS_HOST", null), ("Streams:ConnectionString", $"redis:6379,password={Start.Password},sll=true"))));
        Assert.Contains("Streams:ConnectionString", line, StringComparison.Ordinal);
        Assert.Contains("sll", line, StringComparison.Ordinal);
        Assert.DoesNotContain(Start.Password, line, StringComparison.Ordinal);
    }

    /// <summary>The content of the file, and the text of the error line.</summary>
    [Theory]
    [InlineData("CertificateAuthority", null, "there is no such file")]
    [InlineData("CertificateAuthority", "", "has no certificate")]
    [InlineData("CertificateAuthority", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "has no certificate")]
    [InlineData("CertificateAuthority", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "cannot be read")]
    [InlineData("ClientCertificate", null, "there is no such file")]
    [InlineData("ClientCertificate", "", "cannot be read")]
    public void A_certificate_that_cannot_be_used_stops_the_start_with_one_line_that_names_it(string setting, string? content, string says)
    {
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.pem");
        try
        {
            if (content is not null)
                File.WriteAllText(file, content);
            var line = Assert.Single(Start.Lines(
                Start.Good(("REDIS_HOST", null), ("Streams:ConnectionString", "redis:6380,ssl=true"), ($"Streams:{setting}", file))));
            Assert.StartsWith($"Settings: Streams:{setting} is {file}, ", line, StringComparison.Ordinal);
            Assert.Contains(says, line, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("CertificateAuthority", "Streams:CertificateAuthority is set, and Streams:ConnectionString has no ssl=true.")]
    [InlineData("ClientCertificate", "Streams:ClientCertificate is set, and Streams:ConnectionString has no ssl=true.")]
    [InlineData("ClientCertificateKey", "Streams:ClientCertificateKey is set and Streams:ClientCertificate is not.")]
    [InlineData("SentinelPassword", "Streams:SentinelPassword is set, and Streams:ConnectionString names no Sentinels (serviceName=).")]
    [InlineData("SentinelUser", "Streams:SentinelUser is set, and Streams:ConnectionString names no Sentinels (serviceName=).")]
    public void Settings_without_use_stop_the_start(string setting, string says) =>
        Assert.Equal($"Settings: {says}", Assert.Single(Start.Lines(Start.Good(($"Streams:{setting}", "anything")))));

    [Theory]
    [InlineData("a,b=c")]
    [InlineData("a,ssl=true")]
    [InlineData(" spaces ")]
    [InlineData("equals=and,comma")]
    public void The_password_of_REDIS_PASSWORD_may_contain_any_character(string password)
    {
        var settings = Start.Good(("REDIS_HOST", "redis"), ("REDIS_PORT", "6380"), ("REDIS_PASSWORD", password));
        Assert.Empty(Start.Lines(settings));
        using var services = Start.Services(settings);
        var configuration = services.GetRequiredService<IOptions<StreamOptions>>().Value.Redis.Configuration();
        Assert.Equal(password, configuration.Password);
        Assert.False(configuration.Ssl);
        Assert.Equal(
            "redis:6380", Assert.Single(configuration.EndPoints).ToString()?.Replace("Unspecified/", "", StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_login_on_two_servers_needs_an_account_name()
    {
        var same = Start.Good(("Mailboxes:1:Username", "ann@example.org"), ("Mailboxes:1:Host", "imap.example.net"));
        Assert.Contains("set Account", Assert.Single(Start.Lines(same)), StringComparison.Ordinal);
        same["Mailboxes:1:Account"] = "ann@example.net";
        Assert.Empty(Start.Lines(same));
    }

    [Fact]
    public void Inbox_is_the_same_folder_in_any_case() => Assert.Contains(
        "ann@example.org/INBOX",
        Assert.Single(Start.Lines(Start.Good(("Mailboxes:1:Username", "ann@example.org"), ("Mailboxes:1:Folder", "Inbox")))),
        StringComparison.Ordinal);

    [Fact]
    public void More_than_ten_mailboxes_are_in_order()
    {
        var settings = Start.Good();
        for (var i = 0; i < 12; i++)
        {
            settings[$"Mailboxes:{i}:Username"] = $"user{i}@example.org";
            settings[$"Mailboxes:{i}:Password"] = "p";
        }

        using var services = Start.Services(settings);
        Assert.Equal(
            Enumerable.Range(0, 12).Select(i => $"user{i}@example.org"),
            services.GetRequiredService<IOptions<PollingOptions>>().Value.Mailboxes.Select(mailbox => mailbox.Username));
    }
}
