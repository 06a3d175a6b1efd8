using EmailIngestion.DevServers;
using EmailIngestion.Page.Tests.Support;
using Microsoft.Playwright;
using Xunit;

[assembly: AssemblyFixture(typeof(Chromium))]
[assembly: AssemblyFixture(typeof(Servers))]

namespace EmailIngestion.Page.Tests.Support;

/// <summary>One browser for the run, the system's own. Each visit has its own profile.</summary>
public sealed class Chromium : IAsyncLifetime
{
    /// <summary>The environment variable that names another program than the installed <c>chromium</c>.</summary>
    private const string Variable = "CHROMIUM";

    // Far more than a slow machine needs: only a test that fails takes as long.
    private const float Deadline = 60_000;

    private IPlaywright _playwright = null!;

    internal IBrowser Browser { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var path = ServerBinary.Require("chromium", "chromium", Variable);
        Assertions.SetDefaultExpectTimeout(Deadline);
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = path,
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
