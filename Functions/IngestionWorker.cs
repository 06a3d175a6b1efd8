using EmailIngestion.Consuming;
using EmailIngestion.Hosting;
using EmailIngestion.Mailboxes;
using EmailIngestion.Processing;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Functions;

/// <summary>Sets up a Functions worker: services, log, and the requirements of a Functions host.</summary>
public static class IngestionWorker
{
    // The host kills a worker five seconds after its request to stop.
    private static readonly TimeSpan ShutdownGrace = TimeSpan.FromSeconds(3);

    // The worker's own log provider sends a function's log to the host. The type is not public.
    private const string HostLog = "Microsoft.Azure.Functions.Worker.Logging.WorkerLoggerProvider";

    /// <summary>Adds everything that the functions of this assembly need. Add processors of your own to <c>builder.Services</c>.</summary>
    public static FunctionsApplicationBuilder AddEmailIngestion(this FunctionsApplicationBuilder builder)
    {
        var root = new ScriptRoot(Environment.GetEnvironmentVariable(ScriptRoot.Variable) ?? AppContext.BaseDirectory);
        // A relative path counts from the folder of local.settings.json, as those of folders do.
        builder.Configuration.AddSettingsFiles((setting, path) => root.Resolve(setting, path, isUsed: true));
        builder.ConfigureFunctionsWebApplication();
        builder.Logging.AddIngestionLogging();
        // The host shows the console of this process, so its own log would repeat each line of a function.
        builder.Services.Configure<LoggerFilterOptions>(
            filter => filter.Rules.Add(new LoggerFilterRule(HostLog, categoryName: null, LogLevel.None, filter: null)));

        builder.Services.Configure<ConsumerOptions>(consumer => consumer.ShutdownGrace = ShutdownGrace);
        builder.Services.AddEmailIngestion(builder.Configuration).AddPollTimer(builder.Configuration);
        builder.Services.AddFolders(root);
        return builder;
    }

    private static void AddFolders(this IServiceCollection services, ScriptRoot root)
    {
        services.AddOptions<ArchiveOptions>().PostConfigure<IOptions<ConsumerOptions>, IOptions<ProcessingOptions>>(
            (archive, consumer, processing) => archive.Folder = root.Resolve(
                "Archive:Folder",
                archive.Folder,
                isUsed: consumer.Value.Enabled && processing.Value.Uses(ArchiveOptions.Processor) && archive.Container.Length == 0));
        services.AddOptions<PollingOptions>().PostConfigure(polling =>
        {
            polling.HintFolder = root.Resolve("Polling:HintFolder", polling.HintFolder, isUsed: polling.Enabled);
            polling.KeyFolder = root.Resolve("Polling:KeyFolder", polling.KeyFolder, isUsed: polling.Enabled);
        });
    }
}
