using EmailIngestion.Configuration;
using EmailIngestion.Hosting;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace EmailIngestion.Core.Tests.Configuration;

/// <summary>Settings from the files of a folder.</summary>
public sealed class SecretsFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("secrets-").FullName;

    public void Dispose()
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder, UnixMode.OwnersFolder);
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Each_file_is_a_setting_and_its_line_end_does_not_count()
    {
        Write("REDIS_PASSWORD", "secret\n");
        Write("Mailboxes__0__Password", " with spaces ");
        Write("Empty", "");
        // As an editor of Windows writes it.
        Write("Mailboxes__0__OAuth__ClientSecret", "client-secret\r\n");
        var settings = SecretsFolder.Read(_folder);
        Assert.Equal("secret", settings["REDIS_PASSWORD"]);
        Assert.Equal(" with spaces ", settings["Mailboxes:0:Password"]);
        Assert.Equal("", settings["Empty"]);
        Assert.Equal("client-secret", settings["Mailboxes:0:OAuth:ClientSecret"]);
    }

    // A mounted Secret: each file is a link to ..data/file, and ..data is a link to a folder with a date.
    [Fact]
    public void The_links_of_Kubernetes_are_followed_and_their_folders_ignored()
    {
        Mount("..2026_11_26", "first");
        Assert.Equal([new("Webhook:Secret", "first")], SecretsFolder.Read(_folder));
        Mount("..2026_11_27", "second");
        Assert.Equal([new("Webhook:Secret", "second")], SecretsFolder.Read(_folder));
    }

    [Fact]
    public void A_missing_folder_is_an_error_that_names_the_setting()
    {
        var missing = Path.Combine(_folder, "missing");
        var error = Assert.Throws<SettingsException>(() => SecretsFolder.Read(missing));
        Assert.Equal($"SECRETS_FOLDER is {missing}, but there is no such folder.", error.Message);
    }

    [Fact]
    public void A_file_of_more_than_a_mebibyte_is_an_error()
    {
        Write("Webhook__Secret", new string('x', (1024 * 1024) + 1));
        var error = Assert.Throws<SettingsException>(() => SecretsFolder.Read(_folder));
        Assert.StartsWith("SECRETS_FOLDER: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("Webhook__Secret has more than 1048576 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_to_nothing_is_an_error_that_names_the_setting()
    {
        File.CreateSymbolicLink(Path.Combine(_folder, "Webhook__Secret"), Path.Combine(_folder, "nowhere"));
        var error = Assert.Throws<SettingsException>(() => SecretsFolder.Read(_folder));
        Assert.StartsWith($"SECRETS_FOLDER is {_folder}, which cannot be read: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_other_source_overrides_the_folder()
    {
        Write("REDIS_PASSWORD", "of the folder");
        Write("REDIS_HOST", "of the folder");
        using var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection([new("REDIS_HOST", "of the environment"), new("SECRETS_FOLDER", "relative")]);
        configuration.AddSettingsFiles((setting, path) =>
        {
            Assert.Equal(("SECRETS_FOLDER", "relative"), (setting, path));
            return _folder;
        });
        Assert.Equal("of the folder", configuration["REDIS_PASSWORD"]);
        Assert.Equal("of the environment", configuration["REDIS_HOST"]);
    }

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder, name), content);

    private void Mount(string folder, string content)
    {
        Directory.CreateDirectory(Path.Combine(_folder, folder));
        Write(Path.Combine(folder, "Webhook__Secret"), content);
        var data = Path.Combine(_folder, "..data");
        if (Directory.Exists(data))
            Directory.Delete(data);
        File.CreateSymbolicLink(data, folder);
        if (!File.Exists(Path.Combine(_folder, "Webhook__Secret")))
            File.CreateSymbolicLink(Path.Combine(_folder, "Webhook__Secret"), "..data/Webhook__Secret");
    }
}
