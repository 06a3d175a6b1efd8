using System.Net;
using System.Reflection;
using System.Text.Json;
using EmailIngestion.Configuration;
using EmailIngestion.Functions;
using EmailIngestion.Hosting;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Local.Hosting;

/// <summary>Hosts the functions and services of the Functions app on ASP.NET Core, without a Functions host.</summary>
internal static class LocalHost
{
    public const string DefaultSchedule = "0 * * * * *";

    /// <summary>
    /// The setting of the address to serve HTTP on: an IP address, or <c>*</c> for all, which a container needs. Default: this machine
    /// only.
    /// </summary>
    public const string AddressSetting = "Local:Address";

    /// <param name="settings">All settings; no other source is read.</param>
    /// <param name="options">The port and the folders.</param>
    /// <param name="configure">Further services.</param>
    public static WebApplication Build(LocalSettings settings, LocalHostOptions options, Action<IServiceCollection>? configure = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(settings.Values);
        builder.Configuration["POLL_SCHEDULE"] ??= DefaultSchedule;
        if (string.IsNullOrEmpty(builder.Configuration["Archive:Container"])
            && string.IsNullOrEmpty(builder.Configuration["Archive:Folder"]))
            builder.Configuration["Archive:Folder"] = Path.Combine(options.DataFolder, "archive");
        builder.Configuration["Polling:HintFolder"] ??= Path.Combine(options.DataFolder, "hints");
        builder.Configuration["Polling:KeyFolder"] ??= Path.Combine(options.DataFolder, "token-keys");
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddIngestionLogging();

        var functions = FunctionCatalog.Find(options.Functions);
        // A schedule that is not valid ends the start before anything else runs.
        foreach (var timer in functions.Select(function => function.Timer).OfType<TimerTriggerAttribute>())
            TimerSchedule.Parse(timer.Schedule, name => builder.Configuration[name]);
        builder.Services.AddEmailIngestion(builder.Configuration).AddPollTimer(builder.Configuration);
        builder.Services.Configure<PollingOptions>(polling => polling.WatchByDefault = true);
        builder.Services.AddHostedService(services => new TimerFunctions(
            functions,
            services,
            services.GetRequiredService<IConfiguration>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<TimerFunctions>>())
        {
            RunAtStart = options.PollAtStart && settings.Polls,
        });
        configure?.Invoke(builder.Services);
        if (options.Port is not { } port)
        {
            builder.Services.AddSingleton<IServer, NoServer>();
            var silent = builder.Build();
            DataFolder.Check(options.DataFolder, [settings.File, settings.MailboxesFile], silent.Logger);
            return silent;
        }

        var keyFile = Path.Combine(options.DataFolder, "keys.json");
        builder.Services.AddSingleton(_ => FunctionKeys.Load(keyFile));
        builder.Services.AddSingleton<WrongKeys>();
        builder.Services.AddRoutingCore();
        var listen = Listener(builder.Configuration[AddressSetting], port);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            HttpLimits.Apply(kestrel);
            listen(kestrel);
        });
        var app = builder.Build();
        DataFolder.Check(options.DataFolder, [keyFile, settings.File, settings.MailboxesFile], app.Logger);
        app.UseAnswers();
        app.UseRequestOrigin(builder.Configuration[RequestOrigin.NamesSetting]);
        app.UseRouting();
        app.MapFunctions(functions, RoutePrefix());
        app.MapStartPage(RoutePrefix());
        return app;
    }

    private static Action<KestrelServerOptions> Listener(string? address, int port) => address switch
    {
        null or "" when port == 0 => kestrel => kestrel.Listen(IPAddress.Loopback, 0),
        null or "" => kestrel => kestrel.ListenLocalhost(port),
        "*" => kestrel => kestrel.ListenAnyIP(port),
        _ when IPAddress.TryParse(address, out var one) => kestrel => kestrel.Listen(one, port),
        _ => throw new SettingsException(
            $"{AddressSetting} is '{address}': it must be an IP address of this machine, or * for all of them."),
    };

    /// <summary>The route prefix of host.json, which the Functions host also uses.</summary>
    internal static string RoutePrefix()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "host.json")));
        return json.RootElement.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString() ?? "api";
    }
}

/// <param name="DataFolder">The folder of the keys, the archive and Redis's data.</param>
/// <param name="Port">The HTTP port; 0 for a free port, null for no HTTP.</param>
internal sealed record LocalHostOptions(string DataFolder, int? Port)
{
    /// <summary>Polls once at the start, before the schedule is due. Default false.</summary>
    public bool PollAtStart { get; init; }

    /// <summary>The assembly of the functions. Default: that of Functions.</summary>
    public Assembly Functions { get; init; } = typeof(StatusFunction).Assembly;
}
