using EmailIngestion.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Functions;

/// <summary>Answers who changed what, newest first.</summary>
public sealed class AuditFunction(StreamPartitions partitions)
{
    /// <summary>Answers one page. Parameters: limit, after (the ID of an entry; older ones follow).</summary>
    [Function("Audit")]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "audit")] HttpRequest request, CancellationToken cancellationToken) =>
        FunctionRequests.AnswerAsync(request, ["limit", "after"], async () =>
        {
            if (FunctionRequests.Limit(request, out var refusal) is not { } limit)
                return refusal!;
            if (FunctionRequests.After(request, "an entry", out var after) is { } badAfter)
                return badAfter;
            if (FunctionRequests.Partition(request, partitions, out refusal) is not { } partition)
                return refusal!;
            var (entries, next) = await partition.Audit.ListAsync(limit, after, cancellationToken);
            return FunctionResults.Json(new AuditPage([.. entries.Select(AuditReport.Of)], next), FunctionJson.Default.AuditPage);
        });
}
