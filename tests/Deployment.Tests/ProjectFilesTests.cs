using System.Text.Json;
using System.Text.Json.Nodes;
using EmailIngestion.Deployment.Tests.Support;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

/// <summary>The files that GitHub and editors read.</summary>
public sealed class ProjectFilesTests
{
    [Fact]
    public void The_workflow_runs_the_gate_with_the_SDK_of_global_json()
    {
        var workflow = Yaml.Parse(Repository.Read(".github", "workflows", "ci.yml")).Single();
        var steps = workflow["jobs"]!["gate"]!["steps"]!.AsArray().Select(step => step!.AsObject()).ToArray();
        Assert.StartsWith("actions/checkout@", (string?)steps[0]["uses"], StringComparison.Ordinal);
        Assert.StartsWith("actions/setup-dotnet@", (string?)steps[1]["uses"], StringComparison.Ordinal);
        Assert.Equal("global.json", (string?)steps[1]["with"]!["global-json-file"]);
        Assert.Equal(".ci/run", (string?)steps[2]["run"]);
        Assert.True(File.Exists(Repository.File(".ci", "run")));
        Assert.Equal("read", (string?)workflow["permissions"]!["contents"]);
    }

    [Fact]
    public void Dependabot_looks_where_the_dependencies_are()
    {
        var updates = Yaml.Parse(Repository.Read(".github", "dependabot.yml")).Single()["updates"]!.AsArray()
            .Select(update => update!.AsObject()).ToArray();
        var ecosystems = updates.Select(update => (string)update["package-ecosystem"]!);
        Assert.Equal(
            ["docker", "docker-compose", "dotnet-sdk", "github-actions", "npm", "nuget"], ecosystems.Order(StringComparer.Ordinal));
        Assert.All(updates.SelectMany(Folders), folder => Assert.True(Directory.Exists(Repository.File(folder.TrimStart('/'))), folder));
        var docker = updates.Single(update => (string?)update["package-ecosystem"] == "docker");
        Assert.All(Folders(docker), folder => Assert.NotEmpty(Directory.GetFiles(Repository.File(folder.TrimStart('/')), "Dockerfile*")));
    }

    [Fact]
    public void The_dev_container_has_the_SDK_and_installs_what_the_tests_need()
    {
        using var container = JsonDocument.Parse(Repository.Read(".devcontainer", "devcontainer.json"));
        using var sdk = JsonDocument.Parse(Repository.Read("global.json"));
        var feature = container.RootElement.GetProperty("features").GetProperty("ghcr.io/devcontainers/features/dotnet:2");
        var version = sdk.RootElement.GetProperty("sdk").GetProperty("version").GetString();
        Assert.StartsWith(feature.GetProperty("version").GetString()!, version, StringComparison.Ordinal);
        var packages = Repository.Read("test.sh").Split('\n').Single(line => line.StartsWith("need_test_packages", StringComparison.Ordinal));
        Assert.Contains(packages, container.RootElement.GetProperty("onCreateCommand").GetString(), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Folders(JsonObject update) =>
        update["directory"] is { } one ? [(string)one!] : update["directories"]!.AsArray().Select(folder => (string)folder!);
}
