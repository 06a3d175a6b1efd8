using EmailIngestion.Operations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Functions;

/// <summary>Reports liveness and readiness of this process. Needs no key, for probes, and shows no secrets.</summary>
public sealed class HealthFunctions(IngestionHealth health)
{
    /// <summary>
    /// Answers 200 while the loops run and make progress, else 503. It does not ask Redis or a mail server, because a restart would not
    /// repair them.
    /// </summary>
    [Function("HealthLive")]
    public IResult Live([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/live")] HttpRequest request) =>
        Report(health.FindStuck(), "live", "stuck");

    /// <summary>
    /// Answers 200 when Redis answers, the group exists, the poll timer fires, and the last poll and read are recent; else 503 with the
    /// problems.
    /// </summary>
    [Function("HealthReady")]
    public async Task<IResult> ReadyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/ready")] HttpRequest request,
        CancellationToken cancellationToken) =>
        Report(await health.FindMissingAsync(cancellationToken), "ready", "not ready");

    private static IResult Report(IReadOnlyList<string> problems, string good, string bad) => problems.Count == 0
        ? FunctionResults.Json(new HealthReport(good, []), FunctionJson.Default.HealthReport)
        : FunctionResults.Json(new HealthReport(bad, problems), FunctionJson.Default.HealthReport, 503);
}
