using EmailIngestion.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Functions;

/// <summary>
/// Answers KEDA's metrics-api scaler with the numbers that its redis-streams scaler would read. It serves a Redis that KEDA cannot sign in
/// to. A number that cannot be read is null, which is an error for its trigger alone; 503 is an error for all of them.
/// </summary>
public sealed class ScalerFunction(StreamPartitions partitions)
{
    /// <summary><c>?partition=</c> selects the partition; it is required where several are served.</summary>
    [Function("Scaler")]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "scaler")] HttpRequest request, CancellationToken cancellationToken) =>
        FunctionRequests.AnswerAsync(request, [], async () =>
        {
            if (FunctionRequests.Partition(request, partitions, out var refusal) is not { } partition)
                return refusal!;
            var numbers = await partition.Scaling.ReadAsync(cancellationToken);
            return FunctionResults.Json(
                new ScalerReport(
                    partition.Name, numbers.Lag, numbers.Pending, numbers.Length, numbers.Problems.Count == 0 ? null : numbers.Problems),
                FunctionJson.Default.ScalerReport);
        });
}
