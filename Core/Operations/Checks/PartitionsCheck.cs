using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EmailIngestion.Operations.Checks;

/// <summary>Checks that Redis answers for each partition of this process, and that its consumer group exists.</summary>
internal sealed class PartitionsCheck(StreamPartitions partitions) : IHealthCheck
{
    // Below the limit of a check, so that the answer says that Redis is the cause.
    private static readonly TimeSpan RedisTimeout = TimeSpan.FromSeconds(3);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var problems = await Task.WhenAll(partitions.Served.Select(partition => FindProblemAsync(partition, cancellationToken)));
        return FoundProblems.ToResult([.. problems.OfType<string>()]);
    }

    private static async Task<string?> FindProblemAsync(StreamPartition partition, CancellationToken cancellationToken)
    {
        try
        {
            var snapshot = partition.Inspector.ReadSnapshotAsync(details: false, cancellationToken);
            return (await snapshot.WaitAsync(RedisTimeout, cancellationToken)).Problem;
        }
        catch (GroupMissingException)
        {
            return $"the consumer group of {partition.Keys.Stream} is missing";
        }
        catch (Exception e) when (e is RedisRefusedException or RedisSignInException
            || RedisErrors.KindOf(e) is RedisFailure.Refused or RedisFailure.Full)
        {
            return RedisErrors.Text(e);
        }
        catch (Exception e) when (RedisErrors.IsPassing(e))
        {
            return "Redis is not reachable";
        }
    }
}
