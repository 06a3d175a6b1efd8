using EmailIngestion.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EmailIngestion.Operations.Checks;

/// <summary>Checks that each loop runs, and that a loop with work completes some of it.</summary>
internal sealed class LoopsCheck(Heartbeats heartbeats) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(FoundProblems.ToResult(
        [
            .. heartbeats.Silent().Select(loop => $"{loop} is silent"),
            .. heartbeats.Stuck()
                .Select(stuck => $"{stuck.Loop} has had work and no success for {(int)stuck.For.TotalMinutes} minutes"),
        ]));
}
