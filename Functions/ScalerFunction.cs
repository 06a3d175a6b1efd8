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
        FunctionResults.GuardAsync(async () =>
        {
            var served = partitions.Served;
            var name = request.Query["partition"].ToString();
            var partition = name.Length == 0 && served.Count == 1 ? served[0] : served.FirstOrDefault(one => one.Name == name);
            if (partition is null)
            {
                var names = string.Join(", ", served.Select(one => $"'{one.Name}'"));
                return FunctionResults.Problem(400, "Bad partition", $"partition is '{name}': it must be one of {names}.");
            }

            var numbers = await partition.Scaling.ReadAsync(cancellationToken);
            return FunctionResults.Json(
                new ScalerReport(
                    partition.Name, numbers.Lag, numbers.Pending, numbers.Length, numbers.Problems.Count == 0 ? null : numbers.Problems),
                FunctionJson.Default.ScalerReport);
        });
}
