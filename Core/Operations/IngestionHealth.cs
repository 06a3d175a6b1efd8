using EmailIngestion.Consuming;
using EmailIngestion.Health;
using EmailIngestion.Mailboxes;
using EmailIngestion.Redis;
using EmailIngestion.Streams;

namespace EmailIngestion.Operations;

/// <summary>Checks whether this process is alive and whether it is ready.</summary>
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
    /// Returns why this process must be restarted; empty if it need not be. It does not check Redis or a mail server: a restart would not
    /// repair them.
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
    /// Returns what this process lacks: Redis, a consumer group, a poll timer that fires, a recent success. Empty if it is ready.
    /// </summary>
    public async Task<IReadOnlyList<string>> FindMissingAsync(CancellationToken cancellationToken)
    {
        var missing = _heartbeats.Failing().Select(loop => $"{loop} has had no success recently").ToList();
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
            var snapshot = partition.Inspector.ReadSnapshotAsync(details: false, cancellationToken);
            return (await snapshot.WaitAsync(RedisTimeout, cancellationToken)).Problem;
        }
        catch (GroupMissingException)
        {
            return $"the consumer group of {partition.Keys.Stream} is missing";
        }
        catch (Exception e) when (e is RedisRefusedException || RedisErrors.KindOf(e) is RedisFailure.Refused or RedisFailure.Full)
        {
            return RedisErrors.Text(e);
        }
        catch (Exception e) when (RedisErrors.IsPassing(e))
        {
            return "Redis is not reachable";
        }
    }
}
