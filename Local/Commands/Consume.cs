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
        PutFirst("Processing:Processor", ArchiveOptions.Processor);
        foreach (var number in settings.Mailboxes().Keys)
            PutFirst($"Mailboxes:{number}:Processor", null);
        return services => services
            .AddSingleton(new SlowProcessorOptions(TimeSpan.FromSeconds(seconds)))
            .AddEmailProcessor<SlowProcessor>(SlowProcessor.Name, ServiceLifetime.Singleton);

        // A mailbox without processors of its own has the default, which is slow already.
        void PutFirst(string setting, string? otherwise)
        {
            if ((string.IsNullOrWhiteSpace(settings[setting]) ? otherwise : settings[setting]) is { } processors)
                settings[setting] = $"{SlowProcessor.Name},{processors}";
        }
    }
}
