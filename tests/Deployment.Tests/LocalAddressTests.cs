using EmailIngestion.Configuration;
using EmailIngestion.Local.Hosting;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

/// <summary>A container is reached from outside of it; everything else keeps to its machine.</summary>
public sealed class LocalAddressTests
{
    [Theory]
    [InlineData(null, "http://127.0.0.1:")]
    [InlineData("", "http://127.0.0.1:")]
    [InlineData("127.0.0.1", "http://127.0.0.1:")]
    [InlineData("*", "http://[::]:")]
    public async Task Local_serves_where_it_is_told_to_and_on_the_loopback_otherwise(string? address, string url)
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
    public void An_address_that_is_none_stops_the_start()
    {
        var error = Assert.Throws<SettingsException>(() => LocalHost.Build(Settings("everywhere"), new LocalHostOptions(Path.GetTempPath(), 0)));
        Assert.StartsWith("Local:Address is 'everywhere'", error.Message, StringComparison.Ordinal);
    }

    private static LocalSettings Settings(string? address) => new()
    {
        // No Redis there; nothing is asked of it.
        ["Streams:ConnectionString"] = "127.0.0.1:1,connectTimeout=100",
        ["Consumer:Enabled"] = "false",
        ["POLL_SCHEDULE"] = "0 0 0 1 1 *",
        [LocalHost.AddressSetting] = address,
    };
}
