using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EmailIngestion.Deployment.Tests.Support;
using EmailIngestion.Hosting;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

/// <summary>compose.yaml, the files under compose/ and the app fit each other.</summary>
public sealed partial class ComposeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("compose-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Ports_are_published_on_the_loopback_address_only()
    {
        var ports = ComposeFile.Services.Values.SelectMany(ComposeFile.Ports).ToArray();
        Assert.Equal(["127.0.0.1:3000:3000", "127.0.0.1:7071:7071", "127.0.0.1:9090:9090"], ports.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_service_is_built_here_or_has_a_version()
    {
        Assert.Equal(["app", "grafana", "mail", "prometheus", "redis"], ComposeFile.Services.Keys.Order(StringComparer.Ordinal));
        Assert.All(ComposeFile.Services, service =>
        {
            if ((string?)service.Value["image"] is { } image)
                Assert.Matches(@"\A[a-z0-9./-]+:v?[0-9]+\.[0-9][a-z0-9.-]*(@sha256:[0-9a-f]{64})?\z", image);
            else
                Assert.NotNull(service.Value["build"]);
        });
    }

    [Fact]
    public void Every_service_runs_without_capabilities() => Assert.All(ComposeFile.Services.Values, service =>
        Assert.Equal(
            """{"restart":"unless-stopped","cap_drop":["ALL"],"security_opt":["no-new-privileges:true"]}""",
            service["<<"]!.ToJsonString()));

    [Fact]
    public void Everything_that_is_built_or_mounted_exists()
    {
        var builds = ComposeFile.Services.Values.Select(service => service["build"]).OfType<JsonNode>()
            .Select(build => build is JsonObject parts
                ? Path.Combine((string)parts["context"]!, (string)parts["dockerfile"]!)
                : Path.Combine((string)build!, "Dockerfile"));
        var files = ComposeFile.Services.Values.SelectMany(ComposeFile.Mounts).Select(mount => mount.Source)
            .Where(source => source.StartsWith('.')).Concat(builds).ToArray();
        Assert.Equal(6, files.Length);
        Assert.All(files, file => Assert.True(File.Exists(Repository.File(file)), $"{file} does not exist."));
        var named = ComposeFile.Services.Values.SelectMany(ComposeFile.Mounts).Select(mount => mount.Source)
            .Where(source => !source.StartsWith('.'));
        Assert.Equal(ComposeFile.Volumes.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_the_mail_servers_image_copies_exists() => Assert.All(
        Copied().Matches(Repository.Read("compose", "mail", "Dockerfile")),
        file => Assert.True(File.Exists(Repository.File("compose", "mail", file.Groups[1].Value)), file.Value));

    [Fact]
    public async Task The_app_starts_with_its_settings()
    {
        var settings = new LocalSettings();
        foreach (var (name, value) in ComposeFile.Environment("app"))
        {
            Assert.True(KnownSettings.Has(name), $"{name} is no setting.");
            settings[name.Replace("__", ":", StringComparison.Ordinal)] = value;
        }

        // Build checks the schedule; validation checks everything else. No server is connected to.
        await using var app = LocalHost.Build(settings, new LocalHostOptions(_folder, null));
        IngestionHost.Validate(app);
    }

    [Fact]
    public void Prometheus_asks_the_port_that_the_app_serves()
    {
        var job = Yaml.Parse(Repository.Read("compose", "prometheus.yml")).Single()["scrape_configs"]!.AsArray().Single()!;
        var target = job["static_configs"]![0]!["targets"]!.AsArray().Single();
        Assert.Equal($"app:{ComposeFile.Environment("app")["Telemetry__PrometheusPort"]}", (string?)target);
    }

    [Fact]
    public void Grafana_finds_Prometheus_and_the_dashboard()
    {
        var source = Yaml.Parse(Repository.Read("compose", "grafana", "datasources.yml")).Single()["datasources"]!.AsArray().Single()!;
        Assert.Equal("http://prometheus:9090", (string?)source["url"]);
        Assert.True((bool)source["isDefault"]!);
        var provider = Yaml.Parse(Repository.Read("compose", "grafana", "dashboards.yml")).Single()["providers"]!.AsArray().Single()!;
        var mounts = ComposeFile.Mounts(ComposeFile.Services["grafana"]).ToDictionary(mount => mount.Source, mount => mount.Target);
        var dashboard = mounts["./keda/monitoring/dashboard.json"];
        Assert.Equal(Path.GetDirectoryName(dashboard), (string?)provider["options"]!["path"]);
        Assert.Equal(dashboard, ComposeFile.Environment("grafana")["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]);
        Assert.StartsWith("/etc/grafana/provisioning/datasources/", mounts["./compose/grafana/datasources.yml"], StringComparison.Ordinal);
        Assert.StartsWith("/etc/grafana/provisioning/dashboards/", mounts["./compose/grafana/dashboards.yml"], StringComparison.Ordinal);
    }

    [Fact]
    public void The_app_logs_in_at_the_port_of_the_mail_server()
    {
        var app = ComposeFile.Environment("app");
        var server = Repository.Read("compose", "mail", "dovecot.conf");
        Assert.Contains($"port = {app["Mailboxes__0__Port"]}\n", server, StringComparison.Ordinal);
        var login = $"user={app["Mailboxes__0__Username"]} password={app["Mailboxes__0__Password"]}\n";
        Assert.Contains(login, server, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_fifty_demo_emails_one_is_too_complex()
    {
        await Tool.RunAsync(
            Tool.Require("bash"),
            ["-c", "MAILBOX=$1 \"$2\" 50", "bash", _folder, Repository.File("compose", "mail", "demo-mail.sh")],
            TestContext.Current.CancellationToken);
        var refused = new List<string>();
        foreach (var file in Directory.GetFiles(Path.Combine(_folder, "new")))
        {
            var raw = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
            try
            {
                MessageScan.Run(raw, MessageLimits.Default, TestContext.Current.CancellationToken);
            }
            catch (MessageTooComplexException e)
            {
                refused.Add(e.Message);
            }
        }

        Assert.Equal(50, Directory.GetFiles(Path.Combine(_folder, "new")).Length);
        Assert.Contains("MaxDepth", Assert.Single(refused), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^COPY (?:--\S+ )*(\S+) /", RegexOptions.Multiline)]
    private static partial Regex Copied();
}
