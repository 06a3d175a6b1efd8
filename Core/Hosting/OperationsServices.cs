using EmailIngestion.Operations;
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
        .AddHostedService<IndexMaintenance>()
        .AddSingleton<JobProcess>()
        .AddSingleton<JobSignal>()
        .AddSingleton<JobMetrics>()
        .AddSingleton<IJobKind, ReplayJob>()
        .AddSingleton<IJobKind, PurgeJob>()
        .AddSingleton<JobRunner>()
        .AddHostedService<JobService>()
        .AddSingleton(provider => new BulkOperations(
            provider.GetRequiredService<JobSignal>(),
            provider.GetRequiredService<IOptions<OperationsOptions>>(),
            provider.GetRequiredService<TimeProvider>()));
}
