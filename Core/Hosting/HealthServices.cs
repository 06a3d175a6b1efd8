using EmailIngestion.Operations;
using EmailIngestion.Operations.Checks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Hosting;

/// <summary>Registers the health checks of this program and the bounds of all health checks.</summary>
internal static class HealthServices
{
    public static IServiceCollection AddIngestionHealth(this IServiceCollection services)
    {
        services.AddHealthChecks()
            .AddCheck<LoopsCheck>("ingestion:loops", tags: [HealthTag.Live])
            .AddCheck<SuccessCheck>("ingestion:success", tags: [HealthTag.Ready])
            .AddCheck<AbandonedRunsCheck>("ingestion:abandoned-runs", tags: [HealthTag.Live, HealthTag.Ready])
            .AddCheck<PausedCheck>("ingestion:paused", HealthStatus.Degraded, [HealthTag.Live, HealthTag.Ready])
            .AddCheck<PollTimerCheck>("ingestion:poll-timer", tags: [HealthTag.Ready])
            .AddCheck<PartitionsCheck>("ingestion:partitions", tags: [HealthTag.Ready])
            .AddCheck<BodiesCheck>("ingestion:bodies", HealthStatus.Degraded, [HealthTag.Ready]);
        return services
            // One for all runs: it remembers its last answer.
            .AddSingleton<BodiesCheck>()
            .AddBoundedChecks()
            .AddSingleton(provider => new IngestionHealth(provider.GetRequiredService<HealthCheckService>()));
    }

    /// <summary>Bounds all health checks that are registered.</summary>
    public static IServiceCollection AddBoundedChecks(this IServiceCollection services)
    {
        services.AddOptions<HealthCheckServiceOptions>().ValidateOnStart();
        return services
            .AddSingleton<IPostConfigureOptions<HealthCheckServiceOptions>, BoundedChecks>()
            .AddSingleton<IValidateOptions<HealthCheckServiceOptions>, UniqueCheckNames>();
    }
}
