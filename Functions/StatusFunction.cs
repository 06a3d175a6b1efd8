using EmailIngestion.Consuming;
using EmailIngestion.Operations.Status;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Functions;

/// <summary>Reports streams, consumers, mailboxes and Redis's memory, for people and scripts.</summary>
public sealed class StatusFunction(StreamPartitions partitions, IngestionStatus ingestion, Circuits circuits, TimeProvider time)
{
    [Function("Status")]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "status")] HttpRequest request, CancellationToken cancellationToken) =>
        FunctionRequests.AnswerAsync(request, [], async () =>
        {
            var refusal = (IResult?)null;
            var chosen = FunctionRequests.Text(request.Query["partition"]) is null
                ? partitions.Served
                : FunctionPartitions.Find(request, partitions, out refusal);
            if (chosen is null)
                return refusal!;
            var reports = new List<PartitionReport>();
            foreach (var partition in chosen)
                reports.Add(await ingestion.ReadAsync(partition, cancellationToken));
            var failure = circuits.LastFailure;
            return FunctionResults.Json(
                new StatusReport(
                    time.GetUtcNow(), FunctionResults.Name(circuits.State), [.. reports.Select(Describe)], failure?.Error, failure?.At)
                {
                    CircuitBreakers = circuits.All.Count == 1 ? null : circuits.All.ToDictionary(
                        circuit => circuit.Processors, circuit => FunctionResults.Name(circuit.State), StringComparer.Ordinal),
                    Version = IngestionStatus.Version,
                    Process = ingestion.Process,
                    Roles = ingestion.Roles,
                    Paused = reports.TrueForAll(report => report.IsEverythingPaused),
                },
                FunctionJson.Default.StatusReport);
        });

    private static PartitionStatus Describe(PartitionReport report) => Describe(report, report.Snapshot);

    private static PartitionStatus Describe(PartitionReport report, StreamSnapshot snapshot) => new()
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
                consumer => new ConsumerStatus(
                    consumer.Name, consumer.Pending, consumer.Idle.TotalSeconds, report.Paused is not null, consumer.Oldest?.TotalSeconds)),
        ],
        Mailboxes =
        [
            .. snapshot.Mailboxes.Zip(report.Mailboxes, Describe),
        ],
        Paused = report.Paused,
        Concurrency = report.Concurrency,
        Rates = report.Rates,
        Latency = report.Latency,
        MemoryUsedRatio = snapshot.Memory.Max > 0 ? snapshot.Memory.Ratio : null,
        TrimFloor = snapshot.TrimFloor,
        History = report.History,
        InFlight = report.InFlight,
        Advice = report.Advice,
        Warnings = [.. snapshot.Warnings, .. snapshot.Mailboxes.Select(mailbox => mailbox.Warning).OfType<string>()],
    };

    private static MailboxStatus Describe(MailboxSnapshot mailbox, MailboxCondition condition) => new(
        mailbox.Name, mailbox.UidValidity, mailbox.Last, mailbox.LastSuccess, mailbox.Error, mailbox.ErrorAt, mailbox.IsParked)
    {
        State = condition.State,
        StateText = condition.Text,
        Until = condition.Until,
        UidNext = mailbox.UidNext,
        Behind = mailbox.Behind,
        LastPollAppended = mailbox.LastAppended,
        PollsPerHour = mailbox.PollsInHour,
        FollowUpsWaiting = mailbox.FollowUpsWaiting,
        FollowUpError = mailbox.FollowUpError,
    };

    private static BodiesStatus Describe(BodiesSnapshot bodies) => new(
        bodies.Count,
        bodies.Bytes,
        bodies.Released,
        bodies.Orphans is { } orphans
            ? new OrphansStatus(orphans.At, orphans.Found, orphans.Deleted, orphans.Unknown, orphans.Total)
            : null);
}
