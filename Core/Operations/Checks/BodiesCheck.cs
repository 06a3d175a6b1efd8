using EmailIngestion.Bodies;
using EmailIngestion.Streams;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EmailIngestion.Operations.Checks;

/// <summary>
/// Checks that the store of bodies can be written. Small emails do not need it, so its failure is a line of the answer and does not make
/// the process unready. It asks at most once a minute, because a container counts each request.
/// </summary>
internal sealed class BodiesCheck(StreamPartitions partitions, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    // Below the limit of a check, so that the answer says that the store is the cause.
    private static readonly TimeSpan StoreTimeout = TimeSpan.FromSeconds(3);

    private (long At, string? Problem)? _last;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (_last is not { } last || time.GetElapsedTime(last.At) >= Interval)
            _last = last = (time.GetTimestamp(), await FindProblemAsync(cancellationToken));
        return last.Problem is { } problem ? HealthCheckResult.Degraded(problem) : HealthCheckResult.Healthy();
    }

    private async Task<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        foreach (var partition in partitions.Served)
        {
            try
            {
                await partition.Bodies.Current.CheckAsync(cancellationToken).WaitAsync(StoreTimeout, time, cancellationToken);
            }
            catch (BodyStoreException e)
            {
                return e.Message;
            }
            catch (TimeoutException)
            {
                return $"the store {partition.Bodies.Current.Kind} did not answer within {StoreTimeout.TotalSeconds} s";
            }
        }

        return null;
    }
}
