using EmailIngestion.Consuming;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EmailIngestion.Operations.Checks;

/// <summary>Checks that the abandoned runs of the processor do not exceed their limit.</summary>
internal sealed class AbandonedRunsCheck(AbandonedRuns runs) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(runs.Problem is { } problem ? FoundProblems.ToResult(problem) : HealthCheckResult.Healthy());
}
