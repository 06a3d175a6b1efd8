using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace EmailIngestion.Functions.Tests.Hosting;

/// <summary>What lets the trigger sources compile twice: against the real packages, and against Local's own attributes.</summary>
public sealed partial class TwoHostsTests
{
    private const string Worker = "Microsoft.Azure.Functions.Worker";

    private static readonly string[] Triggers =
        [.. Directory.GetFiles(Path.Combine(Repository.Root, "Functions"), "*.cs").Where(file => Path.GetFileName(file) != "Program.cs")];

    private static readonly string[] Attributes =
    [
        .. Directory.GetFiles(Path.Combine(Repository.Root, "Local", "Attributes"), "*Attribute.cs")
            .Select(file => Path.GetFileNameWithoutExtension(file)[..^"Attribute".Length]),
    ];

    // Of .NET, not of the worker.
    private static readonly string[] Others = ["JsonSourceGenerationOptions", "JsonSerializable", "JsonIgnore", "GeneratedRegex"];

    [Fact]
    public void Every_source_but_the_program_is_compiled_by_local_too() =>
        Assert.All(Triggers, file => Assert.Contains("Function", Path.GetFileName(file), StringComparison.Ordinal));

    [Fact]
    public void Triggers_use_the_workers_one_namespace()
    {
        var mentions = Triggers.SelectMany(file => WorkerName().Matches(File.ReadAllText(file))).Select(match => match.Value).Distinct();
        Assert.Equal([$"using {Worker};"], mentions);
    }

    [Fact]
    public void Triggers_use_no_attribute_that_local_does_not_have()
    {
        var used = Triggers.SelectMany(file => Attribute().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).Distinct().Except(Others);
        Assert.Equal(Attributes.Order(), used.Order());
    }

    [Fact]
    public void Triggers_use_no_other_type_of_the_worker() => Assert.All(
        ["FunctionContext", "HttpRequestData", "HttpResponseData", "BindingContext", "FunctionsApplication", "FixedDelayRetry", "ExponentialBackoffRetry"],
        type => Assert.DoesNotContain(Triggers, file => File.ReadAllText(file).Contains(type, StringComparison.Ordinal)));

    [Fact]
    public void The_solution_lists_the_functions_app_and_does_not_build_it()
    {
        var solution = Repository.Read("IngestionFunctions.sln");
        var projects = Project().Matches(solution).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        Assert.Contains("Functions", projects.Keys);
        foreach (var (name, id) in projects)
            Assert.Equal(name != "Functions", solution.Contains($"{id}.Debug|Any CPU.Build.0", StringComparison.Ordinal));
        Assert.DoesNotMatch($@"{Regex.Escape(projects["Functions"])}\.[^\n]*\.Build\.0", solution);
    }

    [Fact]
    public void Routes_are_under_api()
    {
        using var host = JsonDocument.Parse(Repository.Read("host.json"));
        Assert.Equal("2.0", host.RootElement.GetProperty("version").GetString());
        Assert.Equal("api", host.RootElement.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString());
    }

    [GeneratedRegex(@"(using )?Microsoft\.Azure[\w.]*;?")]
    private static partial Regex WorkerName();

    [GeneratedRegex(@"(?:^\s*|\(|, )\[(\w+)[\](]", RegexOptions.Multiline)]
    private static partial Regex Attribute();

    [GeneratedRegex(@"= ""([\w.]+)"", ""[^""]+\.csproj"", ""(\{[0-9A-F-]+\})""")]
    private static partial Regex Project();
}
