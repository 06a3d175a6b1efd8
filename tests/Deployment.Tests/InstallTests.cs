using System.Runtime.Versioning;
using EmailIngestion.Deployment.Tests.Support;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

/// <summary>Runs <c>tools/install.sh</c> on a machine that has only bash.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class InstallTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("install-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Without_apt_get_the_message_names_what_to_install()
    {
        Assert.Equal(
            "Missing: npm. This script installs them with apt-get, on Debian and Ubuntu only. On this system, install Redis 7.0 or "
                + "newer and Dovecot 2.3 or 2.4 with your package manager (macOS: brew install redis dovecot).\n1\n",
            await RunAsync("need_packages npm"));
    }

    [Fact]
    public async Task A_Dovecot_that_is_named_needs_no_package()
    {
        // PATH has no program.
        const string nothing = "command() { return 1; }";
        Assert.StartsWith("Missing: dovecot-imapd. ", await RunAsync($"{nothing}; need_packages dovecot-imapd"), StringComparison.Ordinal);
        Assert.Equal("0\n", await RunAsync($"{nothing}; DOVECOT=/given/dovecot; need_packages dovecot-imapd"));
    }

    [Fact]
    public async Task A_Redis_that_is_named_needs_no_package()
    {
        const string nothing = "command() { return 1; }";
        Assert.StartsWith("Missing: redis-server. ", await RunAsync($"{nothing}; need_packages redis-server"), StringComparison.Ordinal);
        Assert.Equal("0\n", await RunAsync($"{nothing}; REDIS_SERVER=/given/valkey-server; need_packages redis-server"));
    }

    [Fact]
    public async Task A_Chromium_that_is_named_needs_no_package()
    {
        const string nothing = "command() { return 1; }";
        const string need = "need_packages chromium-headless-shell";
        Assert.StartsWith("Missing: chromium-headless-shell. ", await RunAsync($"{nothing}; {need}"), StringComparison.Ordinal);
        Assert.Equal("0\n", await RunAsync($"{nothing}; CHROMIUM=/given/chromium; {need}"));
    }

    private Task<string> RunAsync(string command) => Tool.RunAsync(
        Tool.Require("bash"),
        [
            "-c", $"PATH=$1; unset CHROMIUM DOVECOT REDIS_SERVER; . \"$2\"; ({command}) 2>&1; echo $?", "bash", _folder,
            Repository.File("tools", "install.sh"),
        ],
        TestContext.Current.CancellationToken);
}
