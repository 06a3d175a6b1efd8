using System.Globalization;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Functions;

/// <summary>The dead letters: list, one, its message, replay, delete. With several partitions, <c>?partition=</c> chooses one.</summary>
public sealed class DeadLetterFunctions(StreamPartitions partitions)
{
    private const int DefaultPage = 50;

    /// <summary>A page in the order of burial: <c>limit</c> (1 to 1,000, default 50), <c>after</c> (a letter's id), <c>mailbox</c>, <c>fingerprint</c>.</summary>
    [Function("DlqList")]
    public Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "dlq")] HttpRequest request, CancellationToken cancellationToken) =>
        FunctionResults.GuardAsync(async () =>
        {
            var query = request.Query;
            var limit = DefaultPage;
            if (Text(query["limit"]) is { } text
                && (!text.All(char.IsAsciiDigit) || !int.TryParse(text, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > DeadLetterStream.MaxPage))
                return FunctionResults.Problem(400, "Bad limit", $"limit is '{text}': it must be a number between 1 and {DeadLetterStream.MaxPage}.");
            if (Text(query["after"]) is { } after && !IsDeadLetterId(after))
                return FunctionResults.Problem(400, "Bad id", $"after is '{after}': the id of a dead letter looks like 1700000000000-0.");
            if (Find(request, out var refusal) is not { } letters)
                return refusal!;

            var (page, next) = await letters.PageAsync(limit, Text(query["after"]), Text(query["mailbox"]), Text(query["fingerprint"]), cancellationToken);
            return FunctionResults.Json(new DeadLetterPage(page, next), FunctionJson.Default.DeadLetterPage);
        });

    [Function("DlqGet")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "dlq/{id}")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        WithDeadLetterAsync(request, id, async letters =>
            await letters.FindAsync(id, cancellationToken) is { } letter
                ? FunctionResults.Json(letter, FunctionJson.Default.DeadLetter)
                : Missing(id));

    /// <summary>The message itself, as message/rfc822; of an oversize one, its headers.</summary>
    [Function("DlqGetRaw")]
    public Task<IResult> GetRawAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "dlq/{id}/raw")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        WithDeadLetterAsync(request, id, async letters =>
            await letters.FindRawAsync(id, cancellationToken) is { } raw
                ? FunctionResults.Mail(raw, $"{id}.eml")
                : Missing(id));

    /// <summary>Moves the letter back to the stream. Repeating it finds no letter and changes nothing.</summary>
    [Function("DlqReplay")]
    public Task<IResult> ReplayAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "dlq/{id}/replay")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        WithDeadLetterAsync(request, id, async letters =>
        {
            var (result, entry) = await letters.ReplayAsync(id, FunctionResults.Who(request), cancellationToken);
            return result switch
            {
                ReplayResult.Replayed => FunctionResults.Json(new ReplayReport(id, entry!), FunctionJson.Default.ReplayReport),
                ReplayResult.Full => FunctionResults.Problem(
                    409, "Stream full", "As many entries are outstanding as Streams:MaxStreamLength allows; the letter stays where it is. Try again when the consumers have caught up."),
                ReplayResult.Bodiless => FunctionResults.Problem(
                    409, "Nothing to replay", "The message itself was never fetched, or its key in Redis is gone; it is in the mailbox, under the letter's mailbox and uid."),
                _ => Missing(id),
            };
        });

    [Function("DlqDelete")]
    public Task<IResult> DeleteAsync(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "dlq/{id}")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        WithDeadLetterAsync(request, id, async letters =>
            await letters.DeleteAsync(id, FunctionResults.Who(request), cancellationToken) ? Results.NoContent().Secured() : Missing(id));

    private Task<IResult> WithDeadLetterAsync(HttpRequest request, string id, Func<DeadLetterStream, Task<IResult>> answer) =>
        FunctionResults.GuardAsync(async () =>
        {
            if (!IsDeadLetterId(id))
                return Missing(id);
            return Find(request, out var refusal) is { } letters ? await answer(letters) : refusal!;
        });

    private DeadLetterStream? Find(HttpRequest request, out IResult? refusal)
    {
        refusal = null;
        var served = partitions.Served;
        var name = Text(request.Query["partition"]);
        var partition = name is null ? (served.Count == 1 ? served[0] : null) : served.FirstOrDefault(one => one.Name == name);
        if (partition is null)
        {
            refusal = FunctionResults.Problem(
                400, "Bad partition", $"partition is '{name}': it must be one of {string.Join(", ", served.Select(one => $"'{one.Name}'"))}.");
        }

        return partition?.DeadLetters;
    }

    private static IResult Missing(string id) => FunctionResults.Problem(404, "No such dead letter", $"There is no dead letter '{id}' (any more).");

    // A parameter given twice is both, with a comma, which no parameter may be: it is refused rather than passed over.
    private static string? Text(Microsoft.Extensions.Primitives.StringValues values) => values.ToString() is { Length: > 0 } text ? text : null;

    // Two numbers of 64 bits; Redis calls anything else an error. No letter is as late as the last of them, and none can come after it.
    private static bool IsDeadLetterId(string id) =>
        // Parsing takes zero bytes at the end.
        !id.Contains('\0', StringComparison.Ordinal)
        && id.Split('-') is [var time, var number]
        && ulong.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
        && ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        && milliseconds < ulong.MaxValue;
}
