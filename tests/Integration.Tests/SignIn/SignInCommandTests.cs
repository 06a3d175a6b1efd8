using System.Text.RegularExpressions;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;

namespace EmailIngestion.Integration.Tests.SignIn;

/// <summary>Tests <c>signin</c> as a separate process. The test is the person.</summary>
public sealed partial class SignInCommandTests(TestServers servers, SignInServers signIn) : IClassFixture<SignInServers>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_refresh_token_is_written_to_a_private_file_and_works()
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        signIn.Tokens.Script(partition.User, call => signIn.Tokens.Success(
            partition.User, refreshToken: call.Of("grant_type") == "authorization_code" ? "consented-refresh-token" : null));
        var file = Path.Combine(partition.Folder, "refresh-token");
        await using var process = CommandProcess.Start(partition, Settings(partition), "signin", "--mailbox", "0", "--out", file);
        await Eventually.TrueAsync(() => Address().IsMatch(process.Output), "the address is shown");

        var query = QueryHelpers.ParseQuery(new Uri(Address().Match(process.Output).Value).Query);
        using var browser = new HttpClient();
        await browser.GetStringAsync($"{query["redirect_uri"]}/?code=c&state={query["state"]}", Token);
        Assert.Equal(0, await process.EndAsync());

        Assert.Contains($"Set Mailboxes:0:OAuth:RefreshToken to the content of {file}", process.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("consented-refresh-token", process.Output, StringComparison.Ordinal);
        Assert.Equal("consented-refresh-token", await File.ReadAllTextAsync(file, Token));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var host = await partition.StartPollerAsync(
            settings => signIn.SignIn(settings, partition, refreshToken: File.ReadAllText(file)));
        Assert.Equal(3, (await host.PollAsync()).Appended);
    }

    [Fact]
    public async Task A_device_code_is_shown_and_the_setting_is_printed()
    {
        await using var partition = new TestPartition(servers);
        signIn.Tokens.Script(partition.User, call => call.Path == "/device"
            ? new TokenReply(200, """{"device_code":"d","user_code":"ABCD","verification_uri":"https://id.example/go","interval":1}""")
            : signIn.Tokens.Success(partition.User, refreshToken: "consented-refresh-token"));
        await using var process = CommandProcess.Start(partition, Settings(partition), "signin", "--mailbox", "0", "--device");
        Assert.Equal(0, await process.EndAsync());

        Assert.Contains("Open https://id.example/go on any machine, and enter the code ABCD", process.Output, StringComparison.Ordinal);
        Assert.Contains("Mailboxes__0__OAuth__RefreshToken=consented-refresh-token\n", process.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", null, "--mailbox is 1: the settings have the mailboxes 0 to 0.")]
    [InlineData("0", "Mailboxes:0:Authentication=Password", "Mailboxes:0:Authentication is Password, which needs no consent")]
    [InlineData("0", "Mailboxes:0:OAuth:ClientId=", "Mailboxes:0:OAuth:ClientId is missing: signin needs it.")]
    [InlineData("0", "Mailboxes:0:OAuth:DeviceEndpoint=", "Mailboxes:0:OAuth:DeviceEndpoint is missing: signin needs it.")]
    [InlineData(
        "0", "Mailboxes:0:Authentication=Google",
        "Mailboxes:0:Authentication is Google, which gives no device codes for mail: sign in without --device.")]
    [InlineData("0", "Mailboxes:0:OAuth:TokenEndpoint=http://id.example/", "Mailboxes:0:OAuth:TokenEndpoint goes to 'id.example' over")]
    public async Task Wrong_settings_end_with_one_line(string mailbox, string? setting, string says)
    {
        await using var partition = new TestPartition(servers);
        var settings = Settings(partition);
        if (setting?.Split('=', 2) is [var name, var value])
            settings[name] = value;
        await using var process = CommandProcess.Start(partition, settings, "signin", "--mailbox", mailbox, "--device");
        Assert.Equal(1, await process.EndAsync());

        Assert.StartsWith($"Settings: {says}", process.Output.Trim(), StringComparison.Ordinal);
        Assert.Single(process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private LocalSettings Settings(TestPartition partition)
    {
        var settings = partition.PollingSettings();
        signIn.SignIn(settings, partition);
        settings["Mailboxes:0:OAuth:RefreshToken"] = null;
        settings["Mailboxes:0:OAuth:AuthorizationEndpoint"] = $"{signIn.Tokens.Address}/authorize";
        settings["Mailboxes:0:OAuth:DeviceEndpoint"] = $"{signIn.Tokens.Address}/device";
        return settings;
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+/authorize\?\S+")]
    private static partial Regex Address();
}
