using EmailIngestion.Hosting;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Processing;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Local.Commands;

/// <summary>Runs one more consumer beside others.</summary>
internal static class Consume
{
    public static async Task<int> RunAsync(CommandSettings command, int? port, double? slow, CancellationToken cancellationToken)
    {
        command.Settings["Polling:Enabled"] = "false";
        command.Settings["Consumer:Enabled"] = "true";
        // Mailbox settings are not checked, because this process polls none.
        command.Settings.SetOnlyMailbox(new Dictionary<string, string?>());
        command.CheckPlaces(port, startsRedis: false);
        if (!command.Settings.HasRedis)
            await new OwnRedis(command.DataFolder, TimeProvider.System).FindAsync(command.Settings, cancellationToken);
        await using var app = LocalHost.Build(
            command.Settings,
            new LocalHostOptions(command.DataFolder, port),
            slow is { } seconds ? SlowDown(command.Settings, seconds) : null);
        return await Serve.RunAsync(app, command, port, showKey: false, cancellationToken);
    }

    private static Action<IServiceCollection> SlowDown(LocalSettings settings, double seconds)
    {
        var slowed = new SlowProcessorOptions(settings["Processing:Processor"] ?? ArchiveProcessor.Name, TimeSpan.FromSeconds(seconds));
        settings["Processing:Processor"] = SlowProcessor.Name;
        return services => services.AddSingleton(slowed).AddEmailProcessor<SlowProcessor>(SlowProcessor.Name);
    }
}
