using EmailIngestion.Consuming;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Functions;

/// <summary>Reports streams, consumers, mailboxes and Redis's memory, for people and scripts.</summary>
public sealed class StatusFunction(StreamPartitions partitions, Circuits circuits, TimeProvider time)
{
    [Function("Status")]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "status")] HttpRequest request, CancellationToken cancellationToken) =>
        FunctionResults.GuardAsync(async () =>
        {
            var reports = new List<PartitionStatus>();
            foreach (var partition in partitions.Served)
                reports.Add(Describe(await partition.Inspector.ReadSnapshotAsync(details: true, cancellationToken)));
            var failure = circuits.LastFailure;
            return FunctionResults.Json(
                new StatusReport(time.GetUtcNow(), FunctionResults.Name(circuits.State), reports, failure?.Error, failure?.At)
                {
                    CircuitBreakers = circuits.All.Count == 1 ? null : circuits.All.ToDictionary(
                        circuit => circuit.Processors, circuit => FunctionResults.Name(circuit.State), StringComparer.Ordinal),
                },
                FunctionJson.Default.StatusReport);
        });

    private static PartitionStatus Describe(StreamSnapshot snapshot) => new()
    {
        Partition = snapshot.Partition,
        Depth = snapshot.Depth,
        Lag = snapshot.Lag,
        Pending = snapshot.Pending,
        Length = snapshot.Length,
        Settled = snapshot.Settled,
        Vanished = snapshot.Vanished,
        VanishedAt = snapshot.VanishedAt,
        OldestAgeSeconds = snapshot.OldestAge?.TotalSeconds,
        DlqDepth = snapshot.DeadLetters,
        Bodies = Describe(snapshot.Bodies),
        Problem = snapshot.Problem,
        MemoryUsedBytes = snapshot.Memory.Used,
        MemoryMaxBytes = snapshot.Memory.Max,
        Consumers =
        [
            .. snapshot.Consumers.Select(
                consumer => new ConsumerStatus(consumer.Name, consumer.Pending, consumer.Idle.TotalSeconds)),
        ],
        Mailboxes =
        [
            .. snapshot.Mailboxes.Select(mailbox => new MailboxStatus(
                mailbox.Name, mailbox.UidValidity, mailbox.Last, mailbox.LastSuccess, mailbox.Error, mailbox.ErrorAt, mailbox.IsParked)),
        ],
        Warnings = [.. snapshot.Warnings, .. snapshot.Mailboxes.Select(mailbox => mailbox.Warning).OfType<string>()],
    };

    private static BodiesStatus Describe(BodiesSnapshot bodies) => new(
        bodies.Count,
        bodies.Bytes,
        bodies.Released,
        bodies.Orphans is { } orphans
            ? new OrphansStatus(orphans.At, orphans.Found, orphans.Deleted, orphans.Unknown, orphans.Total)
            : null);
}
