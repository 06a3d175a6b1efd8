using EmailIngestion.Mailboxes;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EmailIngestion.Operations.Checks;

/// <summary>Checks that the host's timer calls the poller on schedule.</summary>
internal sealed class PollTimerCheck(PollTimer timer) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(timer.Problem is { } problem ? FoundProblems.ToResult(problem) : HealthCheckResult.Healthy());
}
