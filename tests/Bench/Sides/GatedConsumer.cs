using EmailIngestion.Hosting;
using EmailIngestion.Processing;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Bench.Sides;

/// <summary>Runs the product's consumer with all features on (ID check, lease, settle, metrics) and the gate as its processor.</summary>
internal sealed class GatedConsumer : IAsyncDisposable
{
    public static readonly StreamKeys Keys = new("bench");

    private readonly WebApplication _host;
    private readonly int _port;
    private uint _next = 1;

    private GatedConsumer(WebApplication host, int port)
    {
        (_host, _port) = (host, port);
        Gate = (Gate)host.Services.GetRequiredKeyedService<IEmailProcessor>(Gate.Name);
    }

    public Gate Gate { get; }

    public RedisConnection Redis => _host.Services.GetRequiredService<RedisConnection>();

    public static async Task<GatedConsumer> StartAsync(
        int port, int? batchSize, int? concurrency, Dictionary<string, string?>? more = null)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Streams:Partitions:0"] = Keys.Partition,
            ["Consumer:Enabled"] = "true",
            ["Processing:Processor"] = Gate.Name,
            // The gate may be closed for as long as it takes to append a million emails.
            ["Processing:AttemptTimeout"] = "00:30:00",
        };
        if (batchSize is not null)
            settings["Consumer:BatchSize"] = $"{batchSize}";
        if (concurrency is not null)
            settings["Consumer:Concurrency"] = $"{concurrency}";
        foreach (var (name, value) in more ?? [])
            settings[name] = value;
        var host = SideHost.Build(port, settings, services => services
            .AddSingleton(new GateOptions(settings.GetValueOrDefault($"{nameof(Gate)}:{nameof(GateOptions.Processor)}")))
            .AddEmailProcessor<Gate>(Gate.Name, ServiceLifetime.Singleton));
        await new StreamGuard(
            host.Services.GetRequiredService<RedisConnection>(), host.Services.GetRequiredService<IOptions<StreamOptions>>())
            .EnsureGroupAsync(Keys, CancellationToken.None);
        await host.StartAsync();
        return new GatedConsumer(host, port);
    }

    /// <summary>Appends emails.</summary>
    public void Fill(int count, int bytes)
    {
        Entries.Fill(_port, Keys, _next, count, bytes);
        _next += (uint)count;
    }

    public async ValueTask DisposeAsync()
    {
        Gate.Open();
        await _host.StopAsync();
        await _host.DisposeAsync();
    }
}
