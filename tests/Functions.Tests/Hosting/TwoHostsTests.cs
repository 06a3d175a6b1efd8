using System.Text.Json;
using System.Xml.Linq;
using Xunit;

namespace EmailIngestion.Functions.Tests.Hosting;

/// <summary>The triggers are compiled once, with the real packages, and both hosts run that assembly.</summary>
public sealed class TwoHostsTests
{
    [Fact]
    public void Local_refers_to_the_functions_and_compiles_no_source_of_theirs()
    {
        var project = XDocument.Parse(Repository.Read("Local/Local.csproj"));
        var references = project.Descendants("ProjectReference").Select(reference => reference.Attribute("Include")!.Value);
        Assert.Contains("../Functions/Functions.csproj", references);
        Assert.Empty(project.Descendants("Compile"));
    }

    [Fact]
    public void Core_shows_its_internals_to_no_functions_app() => Assert.DoesNotContain(
        "EmailIngestion.Functions",
        XDocument.Parse(Repository.Read("Core/Core.csproj")).Descendants("InternalsVisibleTo")
            .Select(friend => friend.Attribute("Include")!.Value));

    [Fact]
    public void The_solution_builds_the_functions_app()
    {
        var solution = Repository.Read("IngestionFunctions.sln");
        var project = solution.Split('\n').Single(line => line.Contains("Functions.csproj", StringComparison.Ordinal));
        var id = project.Trim()[^39..^1];
        Assert.Contains($"{id}.Debug|Any CPU.Build.0", solution, StringComparison.Ordinal);
        Assert.Contains($"{id}.Release|Any CPU.Build.0", solution, StringComparison.Ordinal);
    }

    [Fact]
    public void Routes_are_under_api()
    {
        using var host = JsonDocument.Parse(Repository.Read("host.json"));
        Assert.Equal("2.0", host.RootElement.GetProperty("version").GetString());
        Assert.Equal("api", host.RootElement.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString());
    }
}
