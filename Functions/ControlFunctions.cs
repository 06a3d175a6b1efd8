using System.Text.Json;
using EmailIngestion.Operations.Control;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Control;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Functions;

/// <summary>
/// Pauses and resumes mailboxes and consumers, and changes their concurrency, at run time. <c>?partition=</c> selects the partition; it is
/// required where several are served. <c>*</c> stands for all of them where a pause is not of one mailbox.
/// </summary>
public sealed class ControlFunctions(StreamPartitions partitions, IngestionControl control)
{
    private const int MaxReason = 500;

    /// <summary>Answers what was changed at run time, of all partitions of this process or of the selected one.</summary>
    [Function("ControlGet")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "control")] HttpRequest request, CancellationToken cancellationToken) =>
        FunctionRequests.AnswerAsync(request, [], async () =>
        {
            if (FunctionRequests.Text(request.Query["partition"]) is null)
                return await ReportAsync(null, cancellationToken);
            var chosen = FunctionPartitions.Find(request, partitions, out var refusal);
            return refusal ?? await ReportAsync(chosen, cancellationToken);
        });

    /// <summary>Pauses everything, the consumers or one mailbox. Emails in work end normally.</summary>
    [Function("ControlPause")]
    public Task<IResult> PauseAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "control/pause")] HttpRequest request,
        CancellationToken cancellationToken) =>
        ChangeAsync(
            request,
            (one, scope, body) => one.PauseAsync(scope, body.Mailbox, FunctionResults.Who(request), body.Reason, cancellationToken),
            cancellationToken);

    /// <summary>Ends a pause. Without one nothing changes.</summary>
    [Function("ControlResume")]
    public Task<IResult> ResumeAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "control/resume")] HttpRequest request,
        CancellationToken cancellationToken) =>
        ChangeAsync(
            request,
            (one, scope, body) => one.ResumeAsync(scope, body.Mailbox, FunctionResults.Who(request), cancellationToken),
            cancellationToken);

    /// <summary>Sets how many emails each consumer of the partition processes at the same time.</summary>
    [Function("ControlConcurrency")]
    public Task<IResult> SetConcurrencyAsync(
        [HttpTrigger(AuthorizationLevel.Function, "put", Route = "control/concurrency")] HttpRequest request,
        CancellationToken cancellationToken) =>
        FunctionRequests.ChangeAsync(request, async () =>
        {
            var (body, refusal) = await FunctionRequests.ReadAsync(
                request, ControlFunctionJson.Default.ConcurrencyBody, cancellationToken);
            if (body is null)
                return refusal!;
            var number = 0;
            var isNumber = body.Concurrency.ValueKind == JsonValueKind.Number && body.Concurrency.TryGetInt32(out number);
            if (body.Concurrency.ValueKind != JsonValueKind.Null && (!isNumber || number is < 1 or > ControlState.MaxConcurrency))
            {
                return Bad(
                    $"concurrency must be a whole number between 1 and {ControlState.MaxConcurrency}, or null for Consumer:Concurrency.");
            }

            if (FunctionRequests.Partition(request, partitions, out refusal) is not { } partition)
                return refusal!;
            await control.Of(partition).SetConcurrencyAsync(isNumber ? number : null, FunctionResults.Who(request), cancellationToken);
            return await ReportAsync(null, cancellationToken);
        });

    private Task<IResult> ChangeAsync(
        HttpRequest request, Func<PartitionOperator, ControlScope, PauseBody, Task> change, CancellationToken cancellationToken) =>
        FunctionRequests.ChangeAsync(request, async () =>
        {
            var (body, refusal) = await FunctionRequests.ReadAsync(request, ControlFunctionJson.Default.PauseBody, cancellationToken);
            if (body is null)
                return refusal!;
            if (ScopeOf(body.Scope) is not { } scope)
                return FunctionResults.Bad("Bad body", "scope", body.Scope, "it must be everything, mailbox or consumers.");
            if (scope != ControlScope.Mailbox && body.Mailbox is not null)
                return Bad($"mailbox is for the scope mailbox only, and scope is {body.Scope}.");
            if (body.Reason?.Length > MaxReason)
                return Bad($"reason has {body.Reason.Length} characters: it may have {MaxReason}.");
            var chosen = scope == ControlScope.Mailbox
                ? (FunctionRequests.Partition(request, partitions, out refusal) is { } only ? [only] : null)
                : FunctionPartitions.Find(request, partitions, out refusal);
            if (chosen is null)
                return refusal!;
            PartitionOperator[] operators = [.. chosen.Select(control.Of)];
            if (scope == ControlScope.Mailbox
                && await FunctionMailboxes.RefuseUnknownAsync(operators[0], body.Mailbox, cancellationToken) is { } unknown)
                return unknown;
            foreach (var one in operators)
                await change(one, scope, body);
            return await ReportAsync(null, cancellationToken);
        });

    private async Task<IResult> ReportAsync(IReadOnlyList<StreamPartition>? chosen, CancellationToken cancellationToken) =>
        FunctionResults.Json(await control.ReadAsync(chosen, cancellationToken), ControlFunctionJson.Default.ControlReport);

    private static IResult Bad(string detail) => FunctionResults.Problem(400, "Bad body", detail);

    private static ControlScope? ScopeOf(string? scope) => scope switch
    {
        "everything" => ControlScope.Everything,
        "mailbox" => ControlScope.Mailbox,
        "consumers" => ControlScope.Consumers,
        _ => null,
    };
}
