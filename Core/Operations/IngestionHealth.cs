using EmailIngestion.Consuming;
using EmailIngestion.Health;
using EmailIngestion.Mailboxes;
using EmailIngestion.Redis;
using EmailIngestion.Streams;

namespace EmailIngestion.Operations;

/// <summary>Says whether this process lives and whether it can do its work.</summary>
public sealed class IngestionHealth
{
    private static readonly TimeSpan RedisTimeout = TimeSpan.FromSeconds(3);

    private readonly Heartbeats _heartbeats;
    private readonly AbandonedRuns _abandoned;
    private readonly PollTimer _timer;
    private readonly StreamPartitions _partitions;

    internal IngestionHealth(Heartbeats heartbeats, AbandonedRuns abandoned, PollTimer timer, StreamPartitions partitions)
    {
        _heartbeats = heartbeats;
        _abandoned = abandoned;
        _timer = timer;
        _partitions = partitions;
    }

    /// <summary>
    /// Why this process has to be started again; empty when it need not. It never asks Redis or a mail server: a restart would not mend
    /// them.
    /// </summary>
    public IReadOnlyList<string> FindStuck()
    {
        List<string> problems =
        [
            .. _heartbeats.Silent().Select(loop => $"{loop} is silent"),
            .. _heartbeats.Stuck()
                .Select(stuck => $"{stuck.Loop} has had work and no success for {(int)stuck.For.TotalMinutes} minutes"),
        ];
        if (_abandoned.Problem is { } abandoned)
            problems.Add(abandoned);
        return problems;
    }

    /// <summary>
    /// What this process lacks to do its work: Redis, a consumer group, a poll timer that fires, a recent success. Empty when it is ready.
    /// </summary>
    public async Task<IReadOnlyList<string>> FindMissingAsync(CancellationToken cancellationToken)
    {
        var missing = _heartbeats.Failing().Select(loop => $"{loop} has had no success lately").ToList();
        if (_abandoned.Problem is { } abandoned)
            missing.Add(abandoned);
        if (_timer.Problem is { } timer)
            missing.Add(timer);
        foreach (var partition in _partitions.Served)
        {
            if (await FindMissingAsync(partition, cancellationToken) is { } what)
                missing.Add(what);
        }

        return missing;
    }

    private static async Task<string?> FindMissingAsync(StreamPartition partition, CancellationToken cancellationToken)
    {
        try
        {
            var look = partition.Inspector.ReadSnapshotAsync(details: false, cancellationToken);
            return (await look.WaitAsync(RedisTimeout, cancellationToken)).Problem;
        }
        catch (GroupMissingException)
        {
            return $"the consumer group of {partition.Keys.Stream} is missing";
        }
        catch (Exception e) when (e is RedisRefusedException || RedisErrors.KindOf(e) is RedisFailure.Refused or RedisFailure.Full)
        {
            return RedisErrors.Text(e);
        }
        catch (Exception e) when (RedisOutage.Is(e))
        {
            return "Redis is not reachable";
        }
    }
}
