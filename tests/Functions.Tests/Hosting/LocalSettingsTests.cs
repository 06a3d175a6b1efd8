using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Local.Hosting;
using Xunit;

namespace EmailIngestion.Functions.Tests.Hosting;

public sealed class LocalSettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("null", null)]
    [InlineData("\"\"", "")]
    [InlineData("\"5\"", "5")]
    [InlineData("5", "5")]
    [InlineData("true", "true")]
    public void A_value_of_the_file_is_its_text_and_null_is_no_value(string json, string? value)
    {
        var file = Path.Combine(_folder.Path, "local.settings.json");
        File.WriteAllText(file, $"{{\"Values\": {{\"LocalSettingsTests__Value\": {json}}}}}");
        Assert.Equal(value, LocalSettings.Load(file)["LocalSettingsTests:Value"]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task An_archive_without_a_folder_is_in_the_data_folder(string? folder)
    {
        var settings = new LocalSettings { ["Archive:Folder"] = folder };
        await using var app = LocalHost.Build(settings, new LocalHostOptions(_folder.Path, null));
        Assert.Equal(Path.Combine(_folder.Path, "archive"), app.Configuration["Archive:Folder"]);
    }
}
