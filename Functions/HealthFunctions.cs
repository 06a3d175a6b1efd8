using EmailIngestion.Consuming;
using EmailIngestion.Health;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Functions;

/// <summary>Whether this process lives, and whether it can do its work. Open to probes; no secrets.</summary>
public sealed class HealthFunctions(IServiceProvider services)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly Heartbeats _heartbeats = services.GetRequiredService<Heartbeats>();
    private readonly AbandonedRuns _abandoned = services.GetRequiredService<AbandonedRuns>();
    private readonly StreamPartitions _partitions = services.GetRequiredService<StreamPartitions>();

    /// <summary>
    /// 200 while the loops go round and get something done of the work they have. It never asks Redis or a mail server: restarting us would not
    /// mend them.
    /// </summary>
    [Function("HealthLive")]
    public IResult Live([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/live")] HttpRequest request)
    {
        List<string> problems =
        [
            .. _heartbeats.Silent().Select(loop => $"{loop} is silent"),
            .. _heartbeats.Stuck().Select(stuck => $"{stuck.Loop} has had work and no success for {(int)stuck.For.TotalMinutes} minutes"),
        ];
        if (_abandoned.Problem is { } abandoned)
            problems.Add(abandoned);
        return problems.Count == 0
            ? FunctionResults.Json(new HealthReport("live", []), FunctionJson.Default.HealthReport)
            : FunctionResults.Json(new HealthReport("stuck", problems), FunctionJson.Default.HealthReport, 503);
    }

    /// <summary>200 when Redis answers, the group exists and the last poll and read are recent; else 503 and what is missing.</summary>
    [Function("HealthReady")]
    public async Task<IResult> ReadyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/ready")] HttpRequest request, CancellationToken cancellationToken)
    {
        var missing = _heartbeats.Failing().Select(loop => $"{loop} has had no success lately").ToList();
        if (_abandoned.Problem is { } abandoned)
            missing.Add(abandoned);
        foreach (var partition in _partitions.Served)
        {
            if (await MissingAsync(partition, cancellationToken) is { } what)
                missing.Add(what);
        }

        return missing.Count == 0
            ? FunctionResults.Json(new HealthReport("ready", []), FunctionJson.Default.HealthReport)
            : FunctionResults.Json(new HealthReport("not ready", missing), FunctionJson.Default.HealthReport, 503);
    }

    private static async Task<string?> MissingAsync(StreamPartition partition, CancellationToken cancellationToken)
    {
        try
        {
            return (await partition.Inspector.LookAsync(details: false, cancellationToken).WaitAsync(Patience, cancellationToken)).Problem;
        }
        catch (GroupMissingException)
        {
            return $"the consumer group of {partition.Keys.Stream} is missing";
        }
        catch (Exception e) when (e is RedisRefusedException || RedisErrors.KindOf(e) is RedisFailure.Refused or RedisFailure.Full)
        {
            return RedisErrors.Text(e);
        }
        catch (Exception e) when (RedisAway.Is(e) || e is TimeoutException)
        {
            return "Redis is not reachable";
        }
    }
}
