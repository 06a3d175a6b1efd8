using EmailIngestion.Operations.Bulk;
using EmailIngestion.Operations.Jobs;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Dlq;
using EmailIngestion.Streams.Jobs;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Functions;

/// <summary>Groups, replays, purges and exports dead letters by the thousand.</summary>
public sealed class BulkFunctions(StreamPartitions partitions, BulkOperations bulk, JobQueue queue)
{
    /// <summary>Answers one page of groups by fingerprint, the largest first. Parameters: mailbox, limit, after.</summary>
    [Function("DlqGroups")]
    public Task<IResult> GroupsAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "dlq/groups")] HttpRequest request,
        CancellationToken cancellationToken) =>
        FunctionRequests.AnswerAsync(request, ["mailbox", "limit", "after"], async () =>
        {
            if (FunctionRequests.Limit(request, out var refusal) is not { } limit)
                return refusal!;
            var badAfter = FunctionRequests.After(
                request, DeadLetterGroups.IsPlace, "Bad place", "it must be what the page before has answered.", out var after);
            if (badAfter is not null)
                return badAfter;
            if (FunctionRequests.Partition(request, partitions, out refusal) is not { } partition)
                return refusal!;
            var mailbox = FunctionRequests.Text(request.Query["mailbox"]);
            return FunctionResults.Json(
                await partition.Groups.PageAsync(limit, after, mailbox, cancellationToken), FunctionJson.Default.GroupPage);
        });

    /// <summary>Counts the dead letters of a filter (dryRun), or starts the job that replays them.</summary>
    [Function("DlqReplayAll")]
    public Task<IResult> ReplayAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "dlq/replay")] HttpRequest request,
        CancellationToken cancellationToken) =>
        ActAsync(request, BulkAction.Replay, cancellationToken);

    /// <summary>Counts the dead letters of a filter (dryRun), or starts the job that deletes them.</summary>
    [Function("DlqPurge")]
    public Task<IResult> PurgeAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "dlq/purge")] HttpRequest request,
        CancellationToken cancellationToken) =>
        ActAsync(request, BulkAction.Purge, cancellationToken);

    /// <summary>Answers the dead letters of a filter as a zip of their messages, in parts while it reads them.</summary>
    [Function("DlqExport")]
    public Task<IResult> ExportAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "dlq/export")] HttpRequest request,
        CancellationToken cancellationToken) =>
        FunctionRequests.AnswerAsync(request, [.. FunctionQuery.Filter, "after"], async () =>
        {
            if (FunctionFilters.Read(request.Query, out var refusal) is not { } filter)
                return refusal!;
            if (FunctionRequests.After(request, "a dead letter", out var after) is { } badAfter)
                return badAfter;
            if (FunctionRequests.Partition(request, partitions, out refusal) is not { } partition)
                return refusal!;
            // Finds a Redis that is away, while an answer with an error is still possible.
            await partition.Groups.PageAsync(1, null, null, cancellationToken);
            return new FunctionExport(partition, filter, after, FunctionResults.Who(request));
        });

    private Task<IResult> ActAsync(HttpRequest request, BulkAction action, CancellationToken cancellationToken) =>
        FunctionRequests.ChangeAsync(request, async () =>
        {
            var (body, refusal) = await FunctionRequests.ReadAsync(request, FunctionJson.Default.BulkBody, cancellationToken);
            if (body is null || FunctionFilters.Read(body.Filter, out refusal) is not { } filter)
                return refusal!;
            if (FunctionRequests.Partition(request, partitions, out refusal) is not { } partition)
                return refusal!;
            if (body.DryRun == true)
            {
                return FunctionResults.Json(
                    await bulk.PreviewAsync(partition, action, filter, cancellationToken), FunctionJson.Default.BulkPreview);
            }

            if (string.IsNullOrEmpty(body.Token))
            {
                return FunctionResults.Problem(
                    400, "Token missing", "token is missing: send the request with \"dryRun\": true first, and repeat it with its token.");
            }

            var (result, job) = await bulk.StartAsync(
                partition, action, filter, body.Token, FunctionResults.Who(request), cancellationToken);
            return result switch
            {
                JobCreation.Created => new FunctionJobAccepted(
                    JobReport.Of(job!, await queue.FollowedAsync(partition, [job!], cancellationToken))),
                JobCreation.TooMany => FunctionJobAccepted.TooMany(),
                _ => FunctionResults.Problem(
                    409,
                    "Preview again",
                    "token is not that of a preview of this action and this filter, was used before, or is too old. "
                    + "Send the request with \"dryRun\": true again."),
            };
        });
}
