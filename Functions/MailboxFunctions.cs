using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EmailIngestion.Operations.Control;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Functions;

/// <summary>Asks the process that polls a mailbox for something. The request is in Redis, so any process takes it.</summary>
public sealed class MailboxFunctions(StreamPartitions partitions, IngestionControl control)
{
    /// <summary>Requests a poll now: 202. It ends a back-off after failures, and waits while the server has asked for a wait.</summary>
    [Function("MailboxPoll")]
    public Task<IResult> PollAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "mailboxes/poll")] HttpRequest request,
        CancellationToken cancellationToken) =>
        ChangeAsync(request, ControlFunctionJson.Default.MailboxBody, body => body.Mailbox, async (partition, body) =>
        {
            var mailbox = body.Mailbox!;
            if (await partition.FindPauseAsync(mailbox, cancellationToken) is { } pause)
            {
                return FunctionResults.Problem(
                    409, "The mailbox is paused", $"{pause} paused mailbox '{FunctionMailboxes.Cut(mailbox)}': resume it first.");
            }

            var note = await partition.RequestPollAsync(mailbox, FunctionResults.Who(request), cancellationToken);
            return Accepted(mailbox, note);
        }, cancellationToken);

    /// <summary>Ends the parking of a mailbox in every process that polls it, and of those that share its access token: 202.</summary>
    [Function("MailboxUnpark")]
    public Task<IResult> UnparkAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "mailboxes/unpark")] HttpRequest request,
        CancellationToken cancellationToken) =>
        ChangeAsync(request, ControlFunctionJson.Default.MailboxBody, body => body.Mailbox, async (partition, body) =>
        {
            await partition.RequestUnparkAsync(body.Mailbox!, FunctionResults.Who(request), cancellationToken);
            return Accepted(body.Mailbox!, null);
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
            var forgotten = await partition.ForgetAsync(body.Mailbox!, uid, FunctionResults.Who(request), cancellationToken);
            return FunctionResults.Json(new ForgetReport(body.Mailbox!, uid, forgotten), ControlFunctionJson.Default.ForgetReport);
        }, cancellationToken);

    private Task<IResult> ChangeAsync<T>(
        HttpRequest request,
        JsonTypeInfo<T> type,
        Func<T, string?> mailbox,
        Func<PartitionOperator, T, Task<IResult>> change,
        CancellationToken cancellationToken)
        where T : class =>
        FunctionRequests.ChangeAsync(request, async () =>
        {
            var (body, refusal) = await FunctionRequests.ReadAsync(request, type, cancellationToken);
            if (body is null)
                return refusal!;
            if (FunctionRequests.Partition(request, partitions, out refusal) is not { } partition)
                return refusal!;
            var one = control.Of(partition);
            return await FunctionMailboxes.RefuseUnknownAsync(one, mailbox(body), cancellationToken) ?? await change(one, body);
        });

    private static IResult Accepted(string mailbox, string? note) =>
        FunctionResults.Json(new MailboxAccepted(mailbox, note), ControlFunctionJson.Default.MailboxAccepted, 202);
}
