using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EmailIngestion.Operations.Backfill;
using EmailIngestion.Operations.Control;
using EmailIngestion.Operations.Jobs;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Jobs;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Functions;

/// <summary>Asks the process that polls a mailbox for something. The request is in Redis, so any process takes it.</summary>
public sealed class MailboxFunctions(
    StreamPartitions partitions, IngestionControl control, BackfillOperations backfills, JobQueue queue)
{
    /// <summary>Requests a poll now: 202. It ends a back-off after failures, and waits while the server has asked for a wait.</summary>
    [Function("MailboxPoll")]
    public Task<IResult> PollAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "mailboxes/poll")] HttpRequest request,
        CancellationToken cancellationToken) =>
        ChangeAsync(request, ControlFunctionJson.Default.MailboxBody, body => body.Mailbox, async (partition, body) =>
        {
            var mailbox = body.Mailbox!;
            if (await control.Of(partition).FindPauseAsync(mailbox, cancellationToken) is { } pause)
            {
                return FunctionResults.Problem(
                    409, "The mailbox is paused", $"{pause} paused mailbox '{FunctionResults.Cut(mailbox)}': resume it first.");
            }

            var note = await control.Of(partition).RequestPollAsync(mailbox, FunctionResults.Who(request), cancellationToken);
            return Accepted(mailbox, note);
        }, cancellationToken);

    /// <summary>Ends the parking of a mailbox in every process that polls it, and of those that share its access token: 202.</summary>
    [Function("MailboxUnpark")]
    public Task<IResult> UnparkAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "mailboxes/unpark")] HttpRequest request,
        CancellationToken cancellationToken) =>
        ChangeAsync(request, ControlFunctionJson.Default.MailboxBody, body => body.Mailbox, async (partition, body) =>
        {
            var note = await control.Of(partition).RequestUnparkAsync(body.Mailbox!, FunctionResults.Who(request), cancellationToken);
            return Accepted(body.Mailbox!, note);
        }, cancellationToken);

    /// <summary>Lets the next poll pass over the UID before which polls stop. It becomes a dead letter that says who asked.</summary>
    [Function("MailboxForget")]
    public Task<IResult> ForgetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "mailboxes/forget")] HttpRequest request,
        CancellationToken cancellationToken) =>
        ChangeAsync(request, ControlFunctionJson.Default.ForgetBody, body => body.Mailbox, async (partition, body) =>
        {
            if (body.Uid.ValueKind != JsonValueKind.Number || !body.Uid.TryGetUInt32(out var uid) || uid == 0)
                return FunctionResults.Problem(400, "Bad body", "uid must be a whole number between 1 and 4294967295.");
            var forgotten = await control.Of(partition).ForgetAsync(body.Mailbox!, uid, FunctionResults.Who(request), cancellationToken);
            return FunctionResults.Json(new ForgetReport(body.Mailbox!, uid, forgotten), ControlFunctionJson.Default.ForgetReport);
        }, cancellationToken);

    /// <summary>Starts the job that reads the mail received from one day to another, below the cursor: 202.</summary>
    [Function("MailboxBackfill")]
    public Task<IResult> BackfillAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "mailboxes/backfill")] HttpRequest request,
        CancellationToken cancellationToken) =>
        ChangeAsync(request, ControlFunctionJson.Default.BackfillBody, body => body.Mailbox, async (partition, body) =>
        {
            if (string.IsNullOrEmpty(body.From))
                return FunctionResults.Problem(400, "Bad body", "from is missing: it must be the first day, as yyyy-MM-dd.");
            if (Day(body.From) is not { } from)
                return BadDay("from", body.From);
            var to = body.To is null ? null : Day(body.To);
            if (to is null && body.To is not null)
                return BadDay("to", body.To);
            if (to < from)
                return FunctionResults.Problem(400, "Bad body", $"to is {body.To}, which is before from, {body.From}.");
            var (result, job) = await backfills.StartAsync(
                partition, new BackfillRequest(body.Mailbox!, from, to), FunctionResults.Who(request), cancellationToken);
            return result == JobCreation.Created
                ? new FunctionJobAccepted(JobReport.Of(job!, await queue.FollowedAsync(partition, [job!], cancellationToken)))
                : FunctionJobAccepted.TooMany();
        }, cancellationToken);

    private static DateOnly? Day(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private static IResult BadDay(string field, string text) =>
        FunctionResults.Bad("Bad body", field, text, "it must be a day, as yyyy-MM-dd.");

    private Task<IResult> ChangeAsync<T>(
        HttpRequest request,
        JsonTypeInfo<T> type,
        Func<T, string?> mailbox,
        Func<StreamPartition, T, Task<IResult>> change,
        CancellationToken cancellationToken)
        where T : class =>
        FunctionRequests.ChangeAsync(request, async () =>
        {
            var (body, refusal) = await FunctionRequests.ReadAsync(request, type, cancellationToken);
            if (body is null)
                return refusal!;
            if (FunctionRequests.Partition(request, partitions, out refusal) is not { } partition)
                return refusal!;
            return await FunctionMailboxes.RefuseUnknownAsync(control.Of(partition), mailbox(body), cancellationToken)
                ?? await change(partition, body);
        });

    private static IResult Accepted(string mailbox, string? note) =>
        FunctionResults.Json(new MailboxAccepted(mailbox, note), ControlFunctionJson.Default.MailboxAccepted, 202);
}
