using EmailIngestion.Configuration;
using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Local.Hosting;
using Xunit;

namespace EmailIngestion.Functions.Tests.Hosting;

/// <summary>Local reads the files of SECRETS_FOLDER too.</summary>
public sealed class SecretsFolderTests
{
    [Fact]
    public void Files_override_the_settings_file()
    {
        using var folder = new TemporaryFolder();
        var secrets = Directory.CreateDirectory(Path.Combine(folder.Path, "secrets")).FullName;
        File.WriteAllText(Path.Combine(secrets, "Mailboxes__0__Password"), "of the folder\n");
        var settings = LocalSettings.Load(SettingsFile(folder, secrets));
        Assert.Equal("of the folder", settings["Mailboxes:0:Password"]);
        Assert.Equal("ann@example.org", settings["Mailboxes:0:Username"]);
    }

    [Fact]
    public void A_missing_folder_ends_the_start()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<SettingsException>(() => LocalSettings.Load(SettingsFile(folder, "/nowhere")));
        Assert.Equal("SECRETS_FOLDER is /nowhere, but there is no such folder.", error.Message);
    }

    private static string SettingsFile(TemporaryFolder folder, string secrets)
    {
        var file = Path.Combine(folder.Path, "local.settings.json");
        File.WriteAllText(
            file,
            $$"""
            { "Values": {
              "SECRETS_FOLDER": "{{secrets}}", "Mailboxes__0__Username": "ann@example.org", "Mailboxes__0__Password": "of the file"
            } }
            """);
        return file;
    }
}
