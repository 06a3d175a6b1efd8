using EmailIngestion.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EmailIngestion.Operations.Checks;

/// <summary>Checks that each loop has had a success recently, also its first one after the start.</summary>
internal sealed class SuccessCheck(Heartbeats heartbeats) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(FoundProblems.ToResult(
        [
            .. heartbeats.Failing().Select(
                failing => $"{failing.Loop} has had no success {(failing.HasSucceeded ? "recently" : "yet")}"),
        ]));
}
