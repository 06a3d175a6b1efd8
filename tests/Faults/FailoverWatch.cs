using EmailIngestion.Servers;
using StackExchange.Redis;

namespace EmailIngestion.Faults;

/// <summary>
/// Reads the replication state of every node ten times a second. It finds out which writes a new primary lacked from the offset at which
/// the former history ends for it, and from the times at which the former primary was beyond that offset.
/// </summary>
internal sealed class FailoverWatch(IReadOnlyList<RedisNode> nodes, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1);

    private readonly Observer _observer = new(TimeSpan.FromMilliseconds(100), time);
    private readonly List<ConnectionMultiplexer> _connections = [];
    private readonly Dictionary<RedisNode, List<ReplicationSample>> _samples = nodes.ToDictionary(
        node => node, _ => new List<ReplicationSample>());

    public async Task StartAsync()
    {
        foreach (var node in nodes)
        {
            var connection = await ConnectionMultiplexer.ConnectAsync($"{node.Address},allowAdmin=true,abortConnect=false,protocol=resp2");
            _connections.Add(connection);
            _observer.Start(stop => ReadSnapshotAsync(node, connection.GetServers()[0], stop));
        }
    }

    /// <summary>All failovers so far, in order.</summary>
    public IReadOnlyList<Failover> Failovers()
    {
        ReplicationSample[][] all;
        lock (_samples)
            all = [.. _samples.Values.Select(samples => samples.ToArray())];
        return
        [
            .. all.SelectMany(Promotions).OrderBy(promoted => promoted.At)
                .Select((promoted, index) => Of(
                    index + 1, promoted,
                    [.. all.SelectMany(samples => samples).Where(sample => sample.IsPrimary && sample.History == promoted.FormerHistory)])),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await _observer.DisposeAsync();
        foreach (var connection in _connections)
            await connection.DisposeAsync();
    }

    private static IEnumerable<ReplicationSample> Promotions(ReplicationSample[] samples) =>
        samples.Zip(samples.Skip(1)).Where(pair => !pair.First.IsPrimary && pair.Second.IsPrimary).Select(pair => pair.Second);

    private static Failover Of(int number, ReplicationSample promoted, ReplicationSample[] former)
    {
        var kept = former.Where(sample => sample.Offset < promoted.FormerEnd).ToArray();
        var lost = former.Where(sample => sample.Offset >= promoted.FormerEnd).ToArray();
        return new Failover(
            number,
            promoted.At,
            // A former primary that was never seen may have accepted any write, so the start of the loss is unknown.
            kept.Select(sample => sample.At).DefaultIfEmpty(promoted.At).Max(),
            lost.Select(sample => sample.At).Append(promoted.At).Max(),
            lost.Select(sample => sample.Offset - promoted.FormerEnd + 1).DefaultIfEmpty(0).Max());
    }

    private async Task ReadSnapshotAsync(RedisNode node, IServer server, CancellationToken stop)
    {
        var at = time.GetUtcNow();
        if (await server.InfoRawAsync("replication").WaitAsync(AnswerTimeout, time, stop) is not { } info)
            return;
        lock (_samples)
            _samples[node].Add(ReplicationSample.Read(at, info));
    }
}
