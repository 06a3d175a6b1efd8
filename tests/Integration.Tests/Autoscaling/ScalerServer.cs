using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Autoscaling;
using EmailIngestion.Local.Hosting;
using Microsoft.AspNetCore.Builder;

namespace EmailIngestion.Integration.Tests.Autoscaling;

/// <summary>A process of the role admin over HTTP, for one partition.</summary>
internal sealed class ScalerServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _client = new();
    private readonly string _keys;

    private ScalerServer(WebApplication app, string keys) => (_app, _keys) = (app, keys);

    public Uri Url => new(_app.Urls.First());

    public ApiTriggers Triggers => new(_client, Url, () => FunctionKeys.Load(_keys).Function, TimeProvider.System);

    public static async Task<ScalerServer> StartAsync(TestPartition partition, string? redis = null)
    {
        var settings = partition.Settings();
        settings["Polling:Enabled"] = "false";
        settings["Consumer:Enabled"] = "false";
        settings["Streams:ConnectionString"] = redis ?? settings["Streams:ConnectionString"];
        var app = LocalHost.Build(settings, new LocalHostOptions(partition.Folder, 0));
        await app.StartAsync();
        return new ScalerServer(app, Path.Combine(partition.Folder, "keys.json"));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
