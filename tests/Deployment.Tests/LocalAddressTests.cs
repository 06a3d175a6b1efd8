using EmailIngestion.Configuration;
using EmailIngestion.Local.Hosting;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

/// <summary>A container listens on all addresses; any other process listens on the loopback address.</summary>
public sealed class LocalAddressTests
{
    [Theory]
    [InlineData(null, "http://127.0.0.1:")]
    [InlineData("", "http://127.0.0.1:")]
    [InlineData("127.0.0.1", "http://127.0.0.1:")]
    [InlineData("*", "http://[::]:")]
    public async Task Local_listens_where_its_setting_says_and_on_the_loopback_by_default(string? address, string url)
    {
        var folder = Directory.CreateTempSubdirectory("address-").FullName;
        await using (var app = LocalHost.Build(Settings(address), new LocalHostOptions(folder, 0)))
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
            Assert.StartsWith(url, Assert.Single(app.Urls), StringComparison.Ordinal);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void An_invalid_address_stops_the_start()
    {
        var error = Assert.Throws<SettingsException>(
            () => LocalHost.Build(Settings("everywhere"), new LocalHostOptions(Path.GetTempPath(), 0)));
        Assert.StartsWith("Local:Address is 'everywhere'", error.Message, StringComparison.Ordinal);
    }

    private static LocalSettings Settings(string? address) => new()
    {
        // No Redis runs there, and none is needed.
        ["Streams:ConnectionString"] = "127.0.0.1:1,connectTimeout=100",
        ["Consumer:Enabled"] = "false",
        ["POLL_SCHEDULE"] = "0 0 0 1 1 *",
        [LocalHost.AddressSetting] = address,
    };
}
