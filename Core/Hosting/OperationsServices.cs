using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Backfill;
using EmailIngestion.Operations;
using EmailIngestion.Operations.Backfill;
using EmailIngestion.Operations.Bulk;
using EmailIngestion.Operations.Jobs;
using EmailIngestion.Streams.Dlq;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Hosting;

/// <summary>Registers what people do with the system while it runs.</summary>
internal static class OperationsServices
{
    public static IServiceCollection AddOperations(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<OperationsOptions>(configuration, OperationsOptions.Section)
        .AddLateService<IndexMaintenance>()
        .AddSingleton<JobProcess>()
        .AddSingleton<JobSignal>()
        .AddSingleton<JobMetrics>()
        .AddSingleton<IJobKind, ReplayJob>()
        .AddSingleton<IJobKind, PurgeJob>()
        .AddSingleton<Backfills>()
        .AddSingleton<Func<PolledMailbox, BackfillReader>>(
            provider => mailbox => ActivatorUtilities.CreateInstance<BackfillReader>(provider, mailbox))
        .AddSingleton<BackfillJob>()
        .AddSingleton(provider => new BackfillOperations(provider.GetRequiredService<JobSignal>()))
        // Only a process that polls reads mail.
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<JobRunner>(
            provider,
            provider.GetRequiredService<IOptions<PollingOptions>>().Value.Polls
                ? provider.GetServices<IJobKind>().Append(provider.GetRequiredService<BackfillJob>())
                : provider.GetServices<IJobKind>()))
        .AddSingleton(provider => new JobQueue(
            provider.GetServices<IJobKind>().Append(provider.GetRequiredService<BackfillJob>())))
        .AddLateService<JobService>()
        .AddSingleton(provider => new BulkOperations(
            provider.GetRequiredService<JobSignal>(),
            provider.GetRequiredService<IOptions<OperationsOptions>>(),
            provider.GetRequiredService<TimeProvider>()));
}
