using EmailIngestion.Operations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Functions;

/// <summary>Whether this process lives, and whether it can do its work. Open to probes; no secrets.</summary>
public sealed class HealthFunctions(IngestionHealth health)
{
    /// <summary>
    /// 200 while the loops go round and get something done of the work they have. It never asks Redis or a mail server: a restart would not
    /// mend them.
    /// </summary>
    [Function("HealthLive")]
    public IResult Live([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/live")] HttpRequest request) =>
        Report(health.FindStuck(), "live", "stuck");

    /// <summary>
    /// 200 when Redis answers, the group exists, the poll timer fires and the last poll and read are recent; else 503 and what is missing.
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
