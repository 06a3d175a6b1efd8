using EmailIngestion.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Functions;

/// <summary>
/// Lists, shows, replays and deletes dead letters. <c>?partition=</c> selects the partition; it is required where several are served.
/// </summary>
public sealed class DeadLetterFunctions(StreamPartitions partitions)
{
    /// <summary>
    /// Answers one page, oldest dead letter first. Parameters: <c>limit</c> (1 to 1,000, default 50), <c>after</c> (the ID of a dead
    /// letter), <c>newest</c> (true for newest first), and those of a filter.
    /// </summary>
    [Function("DlqList")]
    public Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "dlq")] HttpRequest request,
        CancellationToken cancellationToken) =>
        FunctionRequests.AnswerAsync(request, [.. FunctionQuery.Filter, "limit", "after", "newest"], async () =>
        {
            var query = request.Query;
            if (FunctionRequests.Limit(request, out var bad) is not { } limit)
                return bad!;
            if (FunctionRequests.After(request, "a dead letter", out var after) is { } badAfter)
                return badAfter;
            if (FunctionRequests.Text(query["newest"]) is { } order and not ("true" or "false"))
                return FunctionResults.Bad("Bad order", "newest", order, "it must be true or false.");
            if (FunctionFilters.Read(query, out var refusal) is not { } filter)
                return refusal!;
            if (FunctionRequests.Partition(request, partitions, out refusal) is not { DeadLetters: var deadLetters })
                return refusal!;

            var (page, next) = await deadLetters.Search.PageAsync(
                filter, limit, after, FunctionRequests.Text(query["newest"]) == "true", cancellationToken);
            return FunctionResults.Json(new DeadLetterPage(page, next), FunctionJson.Default.DeadLetterPage);
        });

    /// <summary>Answers one dead letter.</summary>
    [Function("DlqGet")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "dlq/{id}")] HttpRequest request,
        string id,
        CancellationToken cancellationToken) =>
        RefuseName(id) ?? WithDeadLetterAsync(request, id, async deadLetters =>
            await deadLetters.FindAsync(id, cancellationToken) is { } deadLetter
                ? FunctionResults.Json(deadLetter, FunctionJson.Default.DeadLetter)
                : Missing(id));

    /// <summary>Answers the message as message/rfc822; of an oversize message, its headers.</summary>
    [Function("DlqGetRaw")]
    public Task<IResult> GetRawAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "dlq/{id}/raw")] HttpRequest request,
        string id,
        CancellationToken cancellationToken) =>
        WithDeadLetterAsync(request, id, async deadLetters =>
            await deadLetters.FindRawAsync(id, cancellationToken) is { } raw
                ? FunctionResults.Mail(raw, $"{id}.eml")
                : Missing(id));

    /// <summary>Moves the dead letter back to the stream. A repeated call finds no dead letter (404) and changes nothing.</summary>
    [Function("DlqReplay")]
    public Task<IResult> ReplayAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "dlq/{id}/replay")] HttpRequest request,
        string id,
        CancellationToken cancellationToken) =>
        FunctionRequests.ChangeAsync(request, () => WithDeadLetterAsync(request, id, async deadLetters =>
        {
            var (result, entry) = await deadLetters.ReplayAsync(id, FunctionResults.Who(request), cancellationToken);
            return result switch
            {
                ReplayResult.Replayed => FunctionResults.Json(new ReplayReport(id, entry!), FunctionJson.Default.ReplayReport),
                ReplayResult.Full => FunctionResults.Problem(
                    409,
                    "Stream full",
                    "As many entries are outstanding as Streams:MaxStreamLength allows, so the dead letter stays. "
                    + "Try again when the consumers have caught up."),
                ReplayResult.Bodiless => FunctionResults.Problem(
                    409,
                    "Nothing to replay",
                    "The message was never fetched, or its key in Redis is gone. "
                    + "Find it in the mailbox by the dead letter's mailbox and uid."),
                _ => Missing(id),
            };
        }));

    /// <summary>Deletes the dead letter: 204, or 404 where there is none.</summary>
    [Function("DlqDelete")]
    public Task<IResult> DeleteAsync(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "dlq/{id}")] HttpRequest request,
        string id,
        CancellationToken cancellationToken) =>
        RefuseName(id) ?? FunctionRequests.ChangeAsync(request, () => WithDeadLetterAsync(request, id, async deadLetters =>
            await deadLetters.DeleteAsync(id, FunctionResults.Who(request), cancellationToken)
                ? Results.NoContent().Secured()
                : Missing(id)));

    private Task<IResult> WithDeadLetterAsync(HttpRequest request, string id, Func<DeadLetterStream, Task<IResult>> answer) =>
        FunctionRequests.AnswerAsync(request, [], async () =>
        {
            if (!EntryId.IsValid(id))
                return Missing(id);
            return FunctionRequests.Partition(request, partitions, out var refusal) is { DeadLetters: var deadLetters }
                ? await answer(deadLetters)
                : refusal!;
        });

    // Another function has this name as its address, and it does not answer this method.
    private static Task<IResult>? RefuseName(string id) => id.ToLowerInvariant() switch
    {
        "groups" or "export" => Task.FromResult<IResult>(new FunctionNotAllowed("GET")),
        "replay" or "purge" => Task.FromResult<IResult>(new FunctionNotAllowed("POST")),
        _ => null,
    };

    private static IResult Missing(string id) =>
        FunctionResults.Problem(404, "No such dead letter", $"There is no dead letter '{FunctionResults.Cut(id)}', or no longer.");
}
