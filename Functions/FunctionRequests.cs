using System.Globalization;
using System.Net.Mime;
using System.Text.Json.Serialization.Metadata;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace EmailIngestion.Functions;

/// <summary>Reads requests: the key of a change, the JSON body, the partition and the page.</summary>
internal static class FunctionRequests
{
    /// <summary>The largest body, in bytes.</summary>
    public const int MaxBodyBytes = 64 * 1024;

    /// <summary>The most items of a page.</summary>
    public const int MaxPage = 1_000;

    private const int DefaultPage = 50;
    private const string KeyHeader = "x-functions-key";
    private const string KeyQuery = "code";

    /// <summary>Answers a request that reads: it has these parameters only. Turns exceptions into problems.</summary>
    public static Task<IResult> AnswerAsync(HttpRequest request, IReadOnlyCollection<string> parameters, Func<Task<IResult>> answer) =>
        FunctionQuery.Refuse(request, parameters) is { } refusal ? Task.FromResult(refusal) : FunctionResults.GuardAsync(answer);

    /// <summary>Answers a request that changes something: its key must be in the header. Turns exceptions into problems.</summary>
    public static Task<IResult> ChangeAsync(HttpRequest request, Func<Task<IResult>> answer) =>
        (RefuseKey(request) ?? FunctionQuery.Refuse(request, [])) is { } refusal
            ? Task.FromResult(refusal)
            : FunctionResults.GuardAsync(answer);

    /// <summary>Reads the body of a change as JSON.</summary>
    /// <returns>The body; or null, and the answer that refuses it.</returns>
    public static async Task<(T? Body, IResult? Refusal)> ReadAsync<T>(
        HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        if (!IsJson(request.ContentType))
        {
            return (null, FunctionResults.Problem(
                415,
                "Not JSON",
                $"Content-Type is '{FunctionResults.Cut(request.ContentType)}': it must be {MediaTypeNames.Application.Json} in UTF-8."));
        }

        if (request.ContentLength > MaxBodyBytes || await ReadAsync(request.Body, cancellationToken) is not { } body)
            return (null, FunctionResults.Problem(413, "Body too large", $"The body is larger than {MaxBodyBytes} bytes."));
        return FunctionJsonBody.Parse(body, type, out var fault) is { } value
            ? (value, null)
            : (null, FunctionResults.Problem(400, "Bad body", fault));
    }

    /// <summary>Finds the partition of the request; with several, <c>?partition=</c> is required.</summary>
    public static StreamPartition? Partition(HttpRequest request, StreamPartitions partitions, out IResult? refusal)
    {
        refusal = null;
        var served = partitions.Served;
        var name = Text(request.Query["partition"]);
        var partition = name is null ? (served.Count == 1 ? served[0] : null) : served.FirstOrDefault(one => one.Name == name);
        if (partition is null)
        {
            var names = string.Join(", ", served.Select(one => $"'{one.Name}'"));
            refusal = FunctionResults.Bad("Bad partition", "partition", name, $"it must be one of {names}.");
        }

        return partition;
    }

    /// <summary>Reads <c>?limit=</c>, the most items of a page: 1 to 1,000, default 50.</summary>
    public static int? Limit(HttpRequest request, out IResult? refusal)
    {
        refusal = null;
        if (Text(request.Query["limit"]) is not { } text)
            return DefaultPage;
        if (text.All(char.IsAsciiDigit) && int.TryParse(text, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MaxPage)
            return limit;
        refusal = FunctionResults.Bad("Bad limit", "limit", text, $"it must be a number between 1 and {MaxPage}.");
        return null;
    }

    /// <summary>Reads <c>?after=</c>, the ID of the entry after which a page begins.</summary>
    /// <returns>The answer that refuses it; null if it is valid or not there.</returns>
    public static IResult? After(HttpRequest request, string entry, out string? after) =>
        After(request, EntryId.IsValid, "Bad id", $"the id of {entry} looks like 1700000000000-0.", out after);

    /// <summary>Reads <c>?after=</c>, the place after which a page begins.</summary>
    /// <returns>The answer that refuses it; null if it is valid or not there.</returns>
    public static IResult? After(HttpRequest request, Func<string, bool> isValid, string title, string rule, out string? after)
    {
        after = Text(request.Query["after"]);
        return after is null || isValid(after) ? null : FunctionResults.Bad(title, "after", after, rule);
    }

    /// <summary>The text of a parameter; null if it is empty or not there.</summary>
    // ASP.NET Core joins a repeated parameter with a comma. No parameter with a fixed form allows a comma, so a repeated one is refused.
    public static string? Text(StringValues values) => values.ToString() is { Length: > 0 } text ? text : null;

    // A key in an address or a cookie could be used by a page of another site.
    private static IResult? RefuseKey(HttpRequest request) =>
        request.Query.ContainsKey(KeyQuery) || string.IsNullOrEmpty(request.Headers[KeyHeader].FirstOrDefault())
            ? FunctionResults.Problem(
                403, "Key in the header", $"A request that changes something needs its key in the header {KeyHeader}, not as ?{KeyQuery}=.")
            : null;

    private static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.MediaType.Equals(MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    // Null if it is too large.
    private static async Task<byte[]?> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxBodyBytes + 1];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length > MaxBodyBytes ? null : buffer[..length];
    }
}
