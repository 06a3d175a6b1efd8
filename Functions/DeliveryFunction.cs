using EmailIngestion.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Functions;

/// <summary>Lists the deliveries of all consumers that are not settled yet, the oldest entry first.</summary>
public sealed class DeliveryFunction(StreamPartitions partitions)
{
    /// <summary>Answers one page. Parameters: consumer, limit, after (the ID of an entry; later ones follow).</summary>
    [Function("Deliveries")]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "deliveries")] HttpRequest request,
        CancellationToken cancellationToken) =>
        FunctionRequests.AnswerAsync(request, ["consumer", "limit", "after"], async () =>
        {
            if (FunctionRequests.Limit(request, out var refusal) is not { } limit)
                return refusal!;
            if (FunctionRequests.After(request, "an entry", out var after) is { } badAfter)
                return badAfter;
            if (FunctionRequests.Partition(request, partitions, out refusal) is not { } partition)
                return refusal!;
            var consumer = FunctionRequests.Text(request.Query["consumer"]);
            var (deliveries, next) = await partition.Deliveries.PageAsync(limit, after, consumer, cancellationToken);
            return FunctionResults.Json(new DeliveryPage(deliveries, next), FunctionJson.Default.DeliveryPage);
        });
}
