using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Local.Commands.Operating;
using EmailIngestion.Local.Hosting;
using Xunit;

namespace EmailIngestion.Functions.Tests.Terminal;

public sealed class OperatingKeyTests : IDisposable
{
    private const string Ask = "GET /api/jobs";
    private const string None = """{"jobs":[],"after":null}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_flag_precedes_the_environment() =>
        Assert.Equal("flag", await KeyAsync("env", "--key", "flag"));

    [Fact]
    public async Task The_file_precedes_the_environment()
    {
        var file = Path.Combine(_folder.Path, "key");
        await File.WriteAllTextAsync(file, " file \nmore\n", TestContext.Current.CancellationToken);
        Assert.Equal("file", await KeyAsync("env", "--key-file", file));
    }

    [Fact]
    public async Task The_environment_precedes_the_local_keys()
    {
        FunctionKeys.Load(Path.Combine(_folder.Path, "keys.json"));
        Assert.Equal("env", await KeyAsync("env"));
    }

    [Fact]
    public async Task The_local_keys_are_for_this_machine_and_never_made()
    {
        var file = Path.Combine(_folder.Path, "keys.json");
        Assert.Equal("", await KeyAsync(null));
        Assert.False(File.Exists(file));

        Assert.Equal(FunctionKeys.Load(file).Function, await KeyAsync(null));
        var remote = OperatingTarget.Of("https://example.org", null, null, null, _folder.Path, _ => null);
        Assert.Null(remote.Key);
    }

    [Theory]
    [InlineData("http://localhost:7071", "http://localhost:7071/api/")]
    [InlineData("http://localhost:7071/", "http://localhost:7071/api/")]
    [InlineData("http://localhost:7071/api", "http://localhost:7071/api/")]
    [InlineData("https://example.org/mail/api/", "https://example.org/mail/api/")]
    [InlineData("https://example.org/mail", "https://example.org/mail/api/")]
    public void The_prefix_of_the_functions_is_added(string url, string api) =>
        Assert.Equal(api, OperatingTarget.Of(url, null, null, null, _folder.Path, _ => null).Api.AbsoluteUri);

    [Theory]
    [InlineData("http://example.org", true)]
    [InlineData("https://example.org", false)]
    [InlineData("http://localhost:7071", false)]
    [InlineData("http://[::1]:7071", false)]
    public void A_key_that_others_on_the_way_can_read_is_noticed(string url, bool inClear) =>
        Assert.Equal(inClear, OperatingTarget.Of(url, "k", null, null, _folder.Path, _ => null).SendsKeyInClear);

    private async Task<string> KeyAsync(string? variable, params string[] flags)
    {
        await using var server = (await ScriptedServer.StartAsync()).On(Ask, None);
        using var run = new TerminalRun();
        if (variable is not null)
            run.Environment["EMAIL_INGESTION_KEY"] = variable;
        var exit = await run.RunAsync(["jobs", .. flags, "--data", _folder.Path, "--url", server.Url]);
        Assert.True(exit == OperatingExit.Done, run.Error);
        Assert.DoesNotContain("env", run.Error + run.Out, StringComparison.Ordinal);
        return Assert.Single(server.Requests).Key;
    }
}
