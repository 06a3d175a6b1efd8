using EmailIngestion.DevServers;
using EmailIngestion.Page.Tests.Support;
using Microsoft.Playwright;
using Xunit;

[assembly: AssemblyFixture(typeof(Chromium))]
[assembly: AssemblyFixture(typeof(Servers))]

namespace EmailIngestion.Page.Tests.Support;

/// <summary>
/// One browser for the run: Debian's Chromium without windows, which needs less processor time than the whole one. Each visit has a
/// profile of its own.
/// </summary>
public sealed class Chromium : IAsyncLifetime
{
    // Far more than a slow machine needs: only a test that fails takes as long.
    public const float Deadline = 300_000;

    private const string Program = "chromium-headless-shell";

    /// <summary>The environment variable that names another program.</summary>
    private const string Variable = "CHROMIUM";

    private IPlaywright _playwright = null!;

    internal IBrowser Browser { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var path = ServerBinary.Require(Program, Program, Variable);
        Assertions.SetDefaultExpectTimeout(Deadline);
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = path,
            Timeout = Deadline,
            // Chromium has no sandbox for root. The page under test is the only one that is opened.
            ChromiumSandbox = !Environment.IsPrivilegedProcess,
            Args = ["--disable-dev-shm-usage"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        _playwright.Dispose();
    }
}
