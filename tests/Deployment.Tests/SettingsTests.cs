using EmailIngestion.Deployment.Tests.Support;
using EmailIngestion.Hosting;
using EmailIngestion.Mailboxes.Settings;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

public sealed class SettingsTests(Overlays overlays)
{
    private static readonly Dictionary<string, string> FromSecrets = new(StringComparer.Ordinal)
    {
        ["Streams__ConnectionString"] = "redis:6379,password=x",
        ["AzureWebJobsStorage"] = "UseDevelopmentStorage=true",
    };

    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task Every_variable_is_a_setting_that_exists(string overlay)
    {
        var all = await overlays.RenderAsync(overlay);
        foreach (var role in ManifestTests.Roles(all))
            Assert.All(
                PodSettings.Of(role, all).Keys, name => Assert.True(KnownSettings.Has(name), $"{role} sets {name}, which is no setting."));
    }

    [Theory]
    [InlineData("Consumer__BatchSizes")]
    [InlineData("Mailboxes__0__User")]
    [InlineData("Webhooks__support__Uri")]
    [InlineData("Webhooks__Url")]
    [InlineData("AzureWebJobs.PollMailbox.Disabled")]
    [InlineData("POD_NAMESPACE")]
    public void A_variable_that_is_no_setting_is_found(string name) => Assert.False(KnownSettings.Has(name));

    [Theory]
    [InlineData("Webhooks__support__Url")]
    [InlineData("Webhooks__a-b_c__PermanentStatusCodes__0")]
    public void A_setting_of_a_named_webhook_is_known(string name) => Assert.True(KnownSettings.Has(name));

    // The consumer has no passwords of mailboxes and no server: only their names and processors, as keda/README.md has them.
    [Fact]
    public async Task A_consumer_starts_with_the_processors_of_the_README()
    {
        var all = await overlays.RenderAsync("standalone");
        var consumer = ManifestTests.Roles(all).Single(role => role.Component == "consumer");
        Assert.Contains(("email-ingestion-webhooks", null, true), PodSettings.SecretsOf(consumer));
        var settings = PodSettings.Of(consumer, all).ToDictionary(StringComparer.Ordinal);
        var lines = Repository.Read("keda", "README.md").Split('\n')
            .SkipWhile(line => line.Trim() != "- name: email-ingestion-processors").TakeWhile(line => line.Trim() != "```")
            .Select(line => line.Trim().TrimStart('-', ' ').Split('=')).Where(parts => parts.Length == 2).ToArray();
        Assert.True(lines.Length > 3);
        foreach (var parts in lines)
            settings[parts[0]] = parts[1];
        settings["Webhooks__support__Secret"] = "a secret of enough length";
        Assert.All(settings.Keys, name => Assert.True(KnownSettings.Has(name), $"{name} is no setting."));

        using var services = Services(settings, mailbox: false);
        services.GetRequiredService<IStartupValidator>().Validate();
    }

    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task Every_role_starts_with_its_settings(string overlay)
    {
        var all = await overlays.RenderAsync(overlay);
        foreach (var role in ManifestTests.Roles(all))
        {
            using var services = Services(PodSettings.Of(role, all), role.Component == "poller");
            services.GetRequiredService<IStartupValidator>().Validate();
        }
    }

    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task Each_role_does_its_own_and_nothing_else(string overlay)
    {
        var all = await overlays.RenderAsync(overlay);
        foreach (var role in ManifestTests.Roles(all))
        {
            var settings = PodSettings.Of(role, all);
            Assert.Equal(role.Component == "poller", settings.GetValueOrDefault("Polling__Enabled") != "false");
            Assert.Equal(role.Component == "consumer", settings.GetValueOrDefault("Consumer__Enabled") != "false");
            Assert.Equal(role.Component != "poller", settings.GetValueOrDefault("AzureWebJobs.PollMailboxes.Disabled") == "true");
            Assert.All(KnownSettings.KeyedFunctions, function =>
                Assert.Equal(role.Component != "admin", settings.GetValueOrDefault($"AzureWebJobs.{function}.Disabled") == "true"));
        }
    }

    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task No_pod_has_a_variable_that_the_host_takes_for_a_managed_platform(string overlay)
    {
        var all = await overlays.RenderAsync(overlay);
        foreach (var role in ManifestTests.Roles(all))
        {
            var settings = PodSettings.Of(role, all);
            Assert.DoesNotContain("POD_NAMESPACE", settings.Keys);
            // For a Service named redis Kubernetes would set REDIS_PORT=tcp://…, which is also a setting of this app.
            Assert.False((bool?)role.Pod["enableServiceLinks"] ?? true);
        }
    }

    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task Each_role_has_a_host_id_of_its_own_that_Azure_allows(string overlay)
    {
        var all = await overlays.RenderAsync(overlay);
        var ids = ManifestTests.Roles(all)
            .Select(role => (role.Component, Id: PodSettings.Of(role, all)["AzureFunctionsWebHost__hostid"]!)).ToArray();
        Assert.All(ids, id => Assert.Matches(@"\A[a-z0-9][a-z0-9-]{0,30}[a-z0-9]\z", id.Id));
        Assert.Equal(3, ids.DistinctBy(id => id.Id).Count());
        Assert.Equal(3, ids.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task Ports_are_those_of_the_settings_and_the_image(string overlay)
    {
        var all = await overlays.RenderAsync(overlay);
        foreach (var role in ManifestTests.Roles(all))
        {
            using var services = Services(PodSettings.Of(role, all), mailbox: false);
            var ports = role.Container["ports"]!.AsArray()
                .ToDictionary(port => (string)port!["name"]!, port => (int)port!["containerPort"]!);
            Assert.Equal(services.GetRequiredService<IOptions<TelemetryOptions>>().Value.PrometheusPort, ports["metrics"]);
            Assert.Contains($"ASPNETCORE_URLS=http://+:{ports["http"]} ", Repository.Read("Dockerfile"), StringComparison.Ordinal);
            Assert.Contains($"EXPOSE {ports["http"]} {ports["metrics"]}", Repository.Read("Dockerfile"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task No_secret_is_in_a_ConfigMap(string overlay)
    {
        var all = await overlays.RenderAsync(overlay);
        foreach (var map in all.Where(one => one.Kind == "ConfigMap"))
            Assert.All(map.Json["data"]!.AsObject(), pair => Assert.False(IsSecret(pair.Key), $"{pair.Key} is in {map}."));
        foreach (var role in ManifestTests.Roles(all))
            Assert.All(PodSettings.Of(role, all).Where(setting => IsSecret(setting.Key)), setting => Assert.Null(setting.Value));
    }

    [Fact]
    public async Task Only_the_poller_may_read_mail()
    {
        foreach (var role in ManifestTests.Roles(await overlays.RenderAsync("standalone")))
            Assert.Equal(role.Component == "poller", PodSettings.SecretsOf(role).Any(used => used.Secret == "email-ingestion-mailboxes"));
    }

    [Fact]
    public async Task Secrets_of_the_dev_overlay_hold_settings_that_exist_and_a_key_for_every_function()
    {
        var secrets = (await overlays.RenderAsync("dev")).Where(one => one.Kind == "Secret")
            .ToDictionary(one => one.Name, one => one.Json["data"]!.AsObject().Select(pair => pair.Key).ToArray());
        Assert.All(secrets["email-ingestion"], name => Assert.True(KnownSettings.Has(name), $"{name} is no setting."));
        Assert.Equal(["mailboxes.json"], secrets["email-ingestion-mailboxes"]);
        Assert.Equal(["address", "password", "username"], secrets["email-ingestion-keda"].Order(StringComparer.Ordinal));
        // The mounted Secret is read-only. The host would create a key for a function without one, and fail.
        Assert.Equal(
            KnownSettings.KeyedFunctions.Select(function => $"functions.{function.ToLowerInvariant()}.default")
                .Append("host.function.default").Append("host.master")
                .Order(StringComparer.Ordinal),
            secrets["email-ingestion-function-keys"].Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task The_file_of_mailboxes_is_mounted_whole_so_that_it_follows_its_source(string overlay)
    {
        var roles = ManifestTests.Roles(await overlays.RenderAsync(overlay)).ToArray();
        foreach (var role in roles.Where(role => role.Component != "admin"))
        {
            var environment = role.Container["env"]!.AsArray()
                .ToDictionary(variable => (string)variable!["name"]!, variable => (string?)variable!["value"]);
            var folder = Path.GetDirectoryName(environment["MAILBOXES_FILE"]);
            var mount = role.Container["volumeMounts"]!.AsArray().Single(mount => (string)mount!["mountPath"]! == folder)!;
            // A file that is mounted by its subPath never changes.
            Assert.Null(mount["subPath"]);
            Assert.True((bool)mount["readOnly"]!);
            var volume = role.Pod["volumes"]!.AsArray().Single(volume => (string)volume!["name"]! == (string)mount["name"]!)!;
            if (role.Component == "poller")
            {
                Assert.Equal(
                    ("email-ingestion-mailboxes", folder), ((string?)volume["secret"]!["secretName"], environment["SECRETS_FOLDER"]));
            }
            else
                Assert.True((bool)volume["configMap"]!["optional"]!);
        }

        Assert.Equal(["consumer", "poller"], roles.Select(role => role.Component).Where(name => name != "admin").Distinct().Order());
    }

    [Fact]
    public async Task Mailboxes_of_the_dev_overlay_can_be_read()
    {
        var secret = (await overlays.RenderAsync("dev")).Single(one => one is { Kind: "Secret", Name: "email-ingestion-mailboxes" });
        var file = Path.Combine(Directory.CreateTempSubdirectory("mailboxes-").FullName, "mailboxes.json");
        File.WriteAllBytes(file, Convert.FromBase64String((string)secret.Json["data"]!["mailboxes.json"]!));
        var read = new MailboxesFile(file, new SettingReferences(new ConfigurationBuilder().Build())).Read();
        Assert.Null(read.Fault);
        Assert.Equal("someone@example.com/INBOX", Assert.Single(read.Mailboxes!).Name);
    }

    private static bool IsSecret(string name) =>
        name is "AzureWebJobsStorage" or "Streams__ConnectionString"
        || name.Contains("Password", StringComparison.OrdinalIgnoreCase)
        || name.Contains("Secret", StringComparison.OrdinalIgnoreCase) && name is not ("AzureWebJobsSecretStorageType" or "SECRETS_FOLDER")
        || name.StartsWith("Mailboxes__", StringComparison.OrdinalIgnoreCase);

    private static ServiceProvider Services(IReadOnlyDictionary<string, string?> settings, bool mailbox)
    {
        var values = settings.ToDictionary(
            setting => setting.Key.Replace("__", ":", StringComparison.Ordinal), setting => setting.Value ?? FromSecrets[setting.Key]);
        // keda/README.md writes no password where the app signs in with a token.
        if (values.GetValueOrDefault("Streams:Authentication") == "Entra")
            values["Streams:ConnectionString"] = "redis:10000,ssl=true";
        if (mailbox)
        {
            // The mounted file.
            var partition = values.GetValueOrDefault("Streams:Partitions:0") ?? "";
            values["MAILBOXES_FILE"] = Path.Combine(Directory.CreateTempSubdirectory("mailboxes-").FullName, "mailboxes.json");
            File.WriteAllText(
                values["MAILBOXES_FILE"],
                $$"""[{ "Username": "someone@example.com", "Password": "x", "Partition": "{{partition}}" }]""");
        }

        var configuration = new ConfigurationBuilder().AddInMemoryCollection(values!).Build();
        return new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddLogging()
            .AddSingleton<ILoggerFactory>(Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance)
            .AddEmailIngestion(configuration).BuildServiceProvider();
    }
}
