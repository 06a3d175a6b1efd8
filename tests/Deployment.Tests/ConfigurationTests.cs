using System.Text.RegularExpressions;
using EmailIngestion.Deployment.Tests.Support;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

/// <summary>docs/configuration.md agrees with the options classes; docs/migration.md names flags and settings that exist.</summary>
public sealed partial class ConfigurationTests
{
    private static readonly Dictionary<string, string[]> Rows = File.ReadLines(Repository.File("docs", "configuration.md"))
        .SkipWhile(line => line != "## Settings").TakeWhile(line => !line.StartsWith("The hosts have", StringComparison.Ordinal))
        .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray())
        .ToDictionary(cells => cells[0].Trim('`'), StringComparer.Ordinal);

    public static TheoryData<string> Names => [.. OptionsSetting.All.Select(setting => setting.Name)];

    [Fact]
    public void Every_setting_has_a_row_and_every_row_is_a_setting()
    {
        Assert.True(Rows.Count > 60);
        var settings = OptionsSetting.All.Select(setting => setting.Name).Order(StringComparer.Ordinal);
        Assert.Equal(settings, Rows.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_row_has_the_type_default_and_limits_of_its_options_class(string name)
    {
        var setting = OptionsSetting.All.Single(one => one.Name == name);
        Assert.True(Rows.TryGetValue(name, out var cells), $"docs/configuration.md has no row for {name}: {setting}");
        Assert.Equal(5, cells.Length);
        Assert.Contains(cells[1], setting.Types);
        if (setting.Default is { } value)
            Assert.Equal(value, cells[2]);
        else
            Assert.NotEmpty(cells[2]);
        if (setting.Limits is { } limits)
            Assert.Equal(limits, cells[3]);
        Assert.NotEmpty(cells[4]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_documented_name_is_an_environment_variable_that_is_known(string name) =>
        Assert.True(KnownSettings.Has(name.Replace(":n", "__0", StringComparison.Ordinal).Replace(":", "__", StringComparison.Ordinal)));

    [Fact]
    public void Flags_and_variables_of_the_former_system_exist()
    {
        var table = File.ReadLines(Repository.File("docs", "migration.md")).Where(line => line.StartsWith('|'))
            .Select(line => line.Split('|')).ToArray();
        var sources = Repository.Read("Local", "Commands", "CommandLine.cs")
            + Repository.Read("Local", "Commands", "CommandOptions.cs")
            + string.Concat(Directory.GetFiles(Repository.File("tests", "Load"), "*.cs").Select(File.ReadAllText));
        var flags = table.SelectMany(row => Flag().Matches(row[2])).Select(match => match.Value).Distinct().ToArray();
        Assert.True(flags.Length > 5);
        Assert.All(flags, flag => Assert.Contains($"\"{flag}\"", sources, StringComparison.Ordinal));
        var guide = string.Concat(Directory.GetFiles(Repository.File("Core", "Streams"), "*.cs").Select(File.ReadAllText));
        var variables = table.SelectMany(row => Variable().Matches(row[1])).Select(match => match.Value).Distinct().ToArray();
        Assert.Equal(4, variables.Length);
        Assert.All(variables, variable => Assert.Contains($"\"{variable}\"", guide, StringComparison.Ordinal));
        var settings = table.SelectMany(row => Setting().Matches(row[2])).Select(match => match.Groups[1].Value);
        Assert.All(settings, setting => Assert.Contains(setting, Rows.Keys));
    }

    [GeneratedRegex("--[a-z]+(-[a-z]+)*")]
    private static partial Regex Flag();

    [GeneratedRegex("REDIS_[A-Z_]+")]
    private static partial Regex Variable();

    [GeneratedRegex("`((?:Streams|Consumer|Polling|Mailboxes):[A-Za-z:]+)`")]
    private static partial Regex Setting();
}
