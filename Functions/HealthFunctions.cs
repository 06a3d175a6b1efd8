using EmailIngestion.Operations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Functions;

/// <summary>Reports liveness and readiness of this process. Needs no key, for probes, and shows no secrets.</summary>
public sealed class HealthFunctions(IngestionHealth health)
{
    /// <summary>
    /// Answers 200 while the loops run and make progress, else 503. It does not ask Redis or a mail server, because a restart would not
    /// repair them. The app's own health checks with the tag <c>live</c> count too.
    /// </summary>
    [Function("HealthLive")]
    public async Task<IResult> LiveAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/live")] HttpRequest request,
        CancellationToken cancellationToken) =>
        Report(await health.CheckLiveAsync(cancellationToken), "live", "stuck");

    /// <summary>
    /// Answers 200 when Redis answers, the group exists, the poll timer fires, and the last poll and read are recent; else 503 with the
    /// problems. The app's own health checks count too, unless they have the tag <c>live</c> only.
    /// </summary>
    [Function("HealthReady")]
    public async Task<IResult> ReadyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/ready")] HttpRequest request,
        CancellationToken cancellationToken) =>
        Report(await health.CheckReadyAsync(cancellationToken), "ready", "not ready");

    private static IResult Report(HealthAnswer answer, string good, string bad) => answer.IsHealthy
        ? FunctionResults.Json(new HealthReport(good, answer.Problems), FunctionJson.Default.HealthReport)
        : FunctionResults.Json(new HealthReport(bad, answer.Problems), FunctionJson.Default.HealthReport, 503);
}
