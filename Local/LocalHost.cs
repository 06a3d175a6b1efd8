using System.Reflection;
using System.Text.Json;
using EmailIngestion.Functions;
using EmailIngestion.Local.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Local;

/// <summary>The same functions and services as the Functions app, on ASP.NET Core alone.</summary>
internal static class LocalHost
{
    public const string DefaultSchedule = "0 * * * * *";

    /// <param name="settings">All the settings; nothing else is read.</param>
    /// <param name="options">Where it serves, and where its files are.</param>
    /// <param name="configure">Further services.</param>
    public static WebApplication Build(LocalSettings settings, LocalHostOptions options, Action<IServiceCollection>? configure = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(settings.Values);
        builder.Configuration["POLL_SCHEDULE"] ??= DefaultSchedule;
        builder.Configuration["Archive:Folder"] ??= Path.Combine(options.DataFolder, "archive");
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
            console.IncludeScopes = false;
        });
        builder.Logging.SetMinimumLevel(LogLevel.Information);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Polly", LogLevel.Error);
        builder.Logging.AddFilter("System.Net.Http", LogLevel.Warning);

        var functions = FunctionCatalog.Find(options.Functions);
        // A schedule that cannot be read stops the start, before anything else has begun.
        foreach (var timer in functions.Select(function => function.Timer).OfType<TimerTriggerAttribute>())
            TimerSchedule.Parse(timer.Schedule, name => builder.Configuration[name]);
        builder.Services.AddEmailIngestion(builder.Configuration);
        builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<TimerFunctions>(services, functions));
        configure?.Invoke(builder.Services);
        if (options.Port is not { } port)
        {
            builder.Services.AddSingleton<IServer, NoServer>();
            return builder.Build();
        }

        builder.Services.AddSingleton(_ => FunctionKeys.Load(Path.Combine(options.DataFolder, "keys.json")));
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            if (port == 0)
                kestrel.Listen(System.Net.IPAddress.Loopback, 0);
            else
                kestrel.ListenLocalhost(port);
        });
        var app = builder.Build();
        app.UseRouting();
        app.MapFunctions(functions, RoutePrefix());
        return app;
    }

    /// <summary>From host.json, as the real host takes it.</summary>
    private static string RoutePrefix()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "host.json")));
        return json.RootElement.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString() ?? "api";
    }
}

/// <param name="DataFolder">Where keys, archive and Redis's data are kept.</param>
/// <param name="Port">The HTTP port on localhost; 0 = a free one, null = no HTTP.</param>
internal sealed record LocalHostOptions(string DataFolder, int? Port)
{
    /// <summary>The assembly whose functions are served.</summary>
    public Assembly Functions { get; init; } = typeof(StatusFunction).Assembly;
}
