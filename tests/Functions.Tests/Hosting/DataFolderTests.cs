using System.Runtime.Versioning;
using EmailIngestion.Configuration;
using EmailIngestion.Local.Hosting;
using Microsoft.Extensions.Logging.Testing;
using Xunit;

namespace EmailIngestion.Functions.Tests.Hosting;

[UnsupportedOSPlatform("windows")]
public sealed class DataFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("data-").FullName;
    private readonly FakeLogger _logger = new();

    private string Data => Path.Combine(_folder, "data");

    private string KeyFile => Path.Combine(Data, "keys.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_first_start_makes_files_for_their_owner_only_and_warns_of_none()
    {
        FunctionKeys.Load(KeyFile);
        Assert.Equal(("0700", "0600"), (ModeOf(Data), ModeOf(KeyFile)));
        Assert.Empty(Warnings());
    }

    [Theory]
    [InlineData("0755", "0600", "data", "0755")]
    [InlineData("0701", "0600", "data", "0701")]
    [InlineData("0700", "0640", "keys.json", "0640")]
    [InlineData("0700", "0604", "keys.json", "0604")]
    public void A_file_that_others_have_access_to_is_named_and_not_changed(string folderMode, string fileMode, string name, string mode)
    {
        FunctionKeys.Load(KeyFile);
        File.SetUnixFileMode(KeyFile, UnixMode.Parse(fileMode));
        File.SetUnixFileMode(Data, UnixMode.Parse(folderMode));
        var path = Path.Combine(_folder, name == "data" ? "data" : "data/keys.json");
        Assert.Equal(
            [$"Other users of this machine have access to {path} (mode {mode}). To remove their access: chmod go= '{path}'."], Warnings());
        Assert.Equal((folderMode, fileMode), (ModeOf(Data), ModeOf(KeyFile)));
    }

    [Fact]
    public void A_settings_file_that_others_read_is_named_too()
    {
        var file = Path.Combine(_folder, "local.settings.json");
        File.WriteAllText(file, "{}");
        File.SetUnixFileMode(file, UnixMode.Parse("0644"));
        DataFolder.Check(Data, [KeyFile, LocalSettings.Load(file).File], _logger);
        Assert.Contains($"{file} (mode 0644)", Assert.Single(_logger.Collector.GetSnapshot()).Message, StringComparison.Ordinal);
    }

    // Archive:FolderMode may open the folder to the group.
    [Fact]
    public void A_folder_that_is_open_to_the_group_gives_no_warning()
    {
        FunctionKeys.Load(KeyFile);
        File.SetUnixFileMode(Data, UnixMode.Parse("2750"));
        Assert.Empty(Warnings());
    }

    [Fact]
    public void A_missing_folder_gives_no_warning() => Assert.Empty(Warnings());

    private string[] Warnings()
    {
        DataFolder.Check(Data, [KeyFile, null], _logger);
        return [.. _logger.Collector.GetSnapshot().Select(record => record.Message)];
    }

    private static string ModeOf(string path) => UnixMode.Text(File.GetUnixFileMode(path));
}
