using EmailIngestion.Hosting;
using EmailIngestion.Local.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EmailIngestion.Local.Commands;

/// <summary>Polls, consumes and serves the functions in one process.</summary>
internal static class Serve
{
    public static async Task<int> RunAsync(CommandSettings command, int? port, CancellationToken cancellationToken)
    {
        command.CheckPlaces(port, startsRedis: !command.Settings.HasRedis);
        var redis = command.Settings.HasRedis
            ? null
            : await new OwnRedis(command.DataFolder, TimeProvider.System).StartAsync(command.Settings, cancellationToken);
        await using (redis)
        {
            await using var app = LocalHost.Build(command.Settings, new LocalHostOptions(command.DataFolder, port) { PollAtStart = true });
            return await RunAsync(app, command, port, showKey: false, cancellationToken);
        }
    }

    /// <summary>Runs the host until it is stopped, and writes its addresses.</summary>
    public static async Task<int> RunAsync(
        WebApplication app, CommandSettings command, int? port, bool showKey, CancellationToken cancellationToken)
    {
        IngestionHost.Validate(app);
        // Loads the keys now, so that an unreadable file ends the start instead of a request.
        if (port is not null)
            app.Services.GetRequiredService<FunctionKeys>();
        await app.StartAsync(cancellationToken);
        if (port is not null)
            Announce(app, command, showKey);
        await app.WaitForShutdownAsync(cancellationToken);
        return Environment.ExitCode;
    }

    private static string Archive(IConfiguration settings) => settings["Archive:Container"] is { Length: > 0 } container
        ? $"container {container}"
        : Path.GetFullPath(settings["Archive:Folder"]!);

    private static void Announce(WebApplication app, CommandSettings command, bool showKey)
    {
        var url = Address(app.Urls.First());
        var keys = app.Services.GetRequiredService<FunctionKeys>();
        var page = $"{url}{StartPage.Path(LocalHost.RoutePrefix())}";
        // A terminal is read by the user who can read the file of the keys; what is redirected may go to a log that others read.
        var isPrivate = showKey || !Console.IsOutputRedirected;
        Console.WriteLine($"""

              page          {(isPrivate ? WithKey(page, keys) : page)}
              status        {url}/api/status
              dead letters  {url}/api/dlq
              health        {url}/api/health/live  {url}/api/health/ready
              archive       {Archive(app.Configuration)}
            """);
        var file = Path.Combine(command.DataFolder, "keys.json");
        Console.WriteLine(
            isPrivate && (keys.IsNew || showKey)
                ? $"  key           {keys.Function}\n                (header {FunctionKeys.Header}; kept in {file})"
                : $"  key           in {file} (header {FunctionKeys.Header})");
        if (!command.Settings.HasMailbox && command.Settings["Polling:Enabled"] != "false")
        {
            Console.WriteLine(
                "  No mailbox is configured: copy local.settings.json.example to local.settings.json and fill it in, or try ./run.sh.");
        }

        Console.WriteLine();
    }

    // A browser does not send what is after the #, so no log of a server has it. The page removes it from the address.
    private static string WithKey(string page, FunctionKeys keys) => $"{page}#key={Uri.EscapeDataString(keys.Function)}";

    // As a browser on this machine reaches it: a listener on all addresses has none to open.
    private static string Address(string url) => url
        .Replace("127.0.0.1", "localhost", StringComparison.Ordinal)
        .Replace("[::]", "localhost", StringComparison.Ordinal)
        .Replace("0.0.0.0", "localhost", StringComparison.Ordinal);
}
