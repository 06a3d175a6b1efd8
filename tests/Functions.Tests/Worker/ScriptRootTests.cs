using EmailIngestion.Configuration;
using EmailIngestion.Functions.Tests.Support;
using Xunit;

namespace EmailIngestion.Functions.Tests.Worker;

public sealed class ScriptRootTests
{
    [Theory]
    [InlineData("bin/output")]
    [InlineData("bin/Debug/net10.0/")]
    public void A_relative_folder_counts_from_the_local_settings_above_the_script_root(string output)
    {
        using var app = new TemporaryFolder();
        var root = Directory.CreateDirectory(Path.Combine(app.Path, output)).FullName;
        File.WriteAllText(Path.Combine(app.Path, "local.settings.json"), "{}");
        // The copy that the build makes.
        File.WriteAllText(Path.Combine(root, "local.settings.json"), "{}");

        var folder = new ScriptRoot(root).Resolve("Archive:Folder", ".data/archive", isUsed: true);
        Assert.Equal(Path.Combine(app.Path, ".data", "archive"), folder);
    }

    [Fact]
    public void Without_local_settings_above_it_is_refused_where_it_is_used()
    {
        using var app = new TemporaryFolder();
        File.WriteAllText(Path.Combine(app.Path, "local.settings.json"), "{}");
        var root = new ScriptRoot(app.Path);

        var error = Assert.Throws<SettingsException>(() => root.Resolve("Archive:Folder", "archive", isUsed: true));
        Assert.Contains("Archive:Folder is 'archive', a relative path", error.Message, StringComparison.Ordinal);
        Assert.Contains("give an absolute path", error.Message, StringComparison.Ordinal);
        Assert.Equal("archive", root.Resolve("Archive:Folder", "archive", isUsed: false));
    }

    [Theory]
    [InlineData("/archive")]
    [InlineData("")]
    public void An_absolute_folder_and_a_missing_one_stay_as_they_are(string folder)
    {
        using var app = new TemporaryFolder();
        Assert.Equal(folder, new ScriptRoot(app.Path).Resolve("Polling:HintFolder", folder, isUsed: true));
    }
}
