using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using EmailIngestion.Operations;
using Microsoft.AspNetCore.Http;
using Polly.CircuitBreaker;

namespace EmailIngestion.Functions;

/// <summary>Builds answers: JSON, and problem details (RFC 9457) for errors.</summary>
internal static class FunctionResults
{
    // The Functions host puts the name of the request's key into this claim.
    private const string KeyClaim = "http://schemas.microsoft.com/2017/07/functions/claims/keyid";

    private const int MaxShown = 200;

    public static IResult Json<T>(T value, JsonTypeInfo<T> type, int status = 200) =>
        Results.Json(value, type, statusCode: status).Secured();

    public static IResult Problem(int status, string title, string detail) =>
        Results.Problem(detail, statusCode: status, title: title).Secured();

    /// <summary>The refusal of a value of the request.</summary>
    public static IResult Bad(string title, string name, string? value, string rule) =>
        Problem(400, title, $"{name} is '{Cut(value)}': {rule}");

    /// <summary>A text of the request as an answer shows it, which does not repeat all of a long one.</summary>
    public static string Cut(string? text) => text is null || text.Length <= MaxShown ? text ?? "" : $"{text[..MaxShown]}…";

    /// <summary>An email as a download, which a browser does not show.</summary>
    public static IResult Mail(ReadOnlyMemory<byte> raw, string name) => Results.Bytes(raw, "message/rfc822", name).Secured();

    /// <summary>A temporary problem: 503 with Retry-After.</summary>
    public static IResult Passing(string title, string detail) => new FunctionRetryLater(Problem(503, title, detail));

    /// <summary>
    /// Turns an exception into a problem: 503 for a temporary failure, 409 for a full Redis, 500 with command and key for a command that
    /// Redis refuses for good.
    /// </summary>
    public static async Task<IResult> GuardAsync(Func<Task<IResult>> answer)
    {
        try
        {
            return await answer();
        }
        catch (Exception e) when (OperationFailure.Of(e) is { } failure)
        {
            return failure.Kind switch
            {
                OperationFailureKind.Passing => Passing(failure.Title, failure.Detail),
                OperationFailureKind.Full => Problem(409, failure.Title, failure.Detail),
                _ => Problem(500, failure.Title, failure.Detail),
            };
        }
    }

    /// <summary>
    /// The caller's name for the audit stream: the key's name if the host reports it, else a short hash that does not reveal the key.
    /// </summary>
    public static string Who(HttpRequest request)
    {
        if (request.HttpContext.User.FindFirst(KeyClaim)?.Value is { Length: > 0 } name)
            return name;
        var key = request.Headers["x-functions-key"].FirstOrDefault() ?? request.Query["code"].FirstOrDefault();
        if (string.IsNullOrEmpty(key))
            return "unknown";
        return $"key-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 4))}";
    }

    public static string Name(CircuitState state) => state switch
    {
        CircuitState.Closed => "closed",
        CircuitState.HalfOpen => "half-open",
        _ => "open",
    };
}
