using EmailIngestion.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EmailIngestion.Operations.Checks;

/// <summary>Checks that each loop has had a success recently.</summary>
internal sealed class SuccessCheck(Heartbeats heartbeats) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(FoundProblems.ToResult([.. heartbeats.Failing().Select(loop => $"{loop} has had no success recently")]));
}
