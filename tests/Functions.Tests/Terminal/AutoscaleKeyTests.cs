using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Local.Autoscaling;
using EmailIngestion.Local.Commands;
using EmailIngestion.Local.Hosting;
using Xunit;

namespace EmailIngestion.Functions.Tests.Terminal;

/// <summary>The autoscaler sends the local key to this machine only.</summary>
public sealed class AutoscaleKeyTests : IDisposable
{
    private const string Answer = """{"lag":7}""";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task This_machine_gets_the_local_key_which_is_never_made()
    {
        await using var server = (await ScriptedServer.StartAsync()).On("GET /api/scaler", Answer);
        var file = Path.Combine(_folder.Path, "keys.json");

        Assert.Equal(7, (await ReadAsync(server.Url)).Value);
        Assert.False(File.Exists(file));
        Assert.Equal("", server.Requests[0].Key);

        var key = FunctionKeys.Load(file).Function;
        await ReadAsync(server.Url);
        Assert.Equal(key, server.Requests[1].Key);
    }

    [Fact]
    public async Task A_redirect_does_not_take_the_key_to_another_server()
    {
        FunctionKeys.Load(Path.Combine(_folder.Path, "keys.json"));
        await using var other = (await ScriptedServer.StartAsync()).On("GET /api/scaler", Answer);
        await using var server = (await ScriptedServer.StartAsync()).On(
            "GET /api/scaler", new ScriptedAnswer(307, "") { Location = $"{other.Url}/api/scaler" });

        Assert.Contains("api returned 307", (await ReadAsync(server.Url)).Error, StringComparison.Ordinal);
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task Another_machine_gets_no_local_key()
    {
        FunctionKeys.Load(Path.Combine(_folder.Path, "keys.json"));
        using var seen = new SeenKey();
        using var client = new HttpClient(seen);

        await ReadAsync(client, new Uri("https://mail.example.org"), _ => null);
        Assert.Null(seen.Key);

        await ReadAsync(client, new Uri("https://mail.example.org"), name => name == "EMAIL_INGESTION_KEY" ? "theirs" : null);
        Assert.Equal("theirs", seen.Key);
    }

    private async Task<TriggerReading> ReadAsync(string url)
    {
        using var client = Autoscale.Client(new Uri(url));
        return await ReadAsync(client, new Uri(url), _ => null);
    }

    private Task<TriggerReading> ReadAsync(HttpClient client, Uri server, Func<string, string?> environment) =>
        Autoscale.Api(client, _folder.Path, server, environment, TimeProvider.System).ReadAsync(
            new Trigger
            {
                Name = "lag",
                Kind = TriggerKind.Api,
                Target = 10,
                Api = new ApiAddress(new Uri("http://manifest.example.org/api/scaler"), ["lag"], FunctionKeys.Header),
            },
            Cancel);

    private sealed class SeenKey : HttpMessageHandler
    {
        public string? Key { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Key = request.Headers.TryGetValues(FunctionKeys.Header, out var keys) ? Assert.Single(keys) : null;
            return Task.FromResult(new HttpResponseMessage { Content = new StringContent(Answer) });
        }
    }
}
