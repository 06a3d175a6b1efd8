using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using EmailIngestion.Operations;
using Microsoft.AspNetCore.Http;
using Polly.CircuitBreaker;

namespace EmailIngestion.Functions;

/// <summary>The shape of answers: JSON, and for errors RFC 9457 problem details.</summary>
internal static class FunctionResults
{
    // The claim in which the Functions host names the key of a request.
    private const string KeyClaim = "http://schemas.microsoft.com/2017/07/functions/claims/keyid";

    public static IResult Json<T>(T value, JsonTypeInfo<T> type, int status = 200) => Results.Json(value, type, statusCode: status).Secured();

    public static IResult Problem(int status, string title, string detail) => Results.Problem(detail, statusCode: status, title: title).Secured();

    /// <summary>A mail as a file to keep: a browser does not show it.</summary>
    public static IResult Mail(ReadOnlyMemory<byte> raw, string name) => Results.Bytes(raw, "message/rfc822", name).Secured();

    /// <summary>A problem that passes by itself: 503, and when to ask again.</summary>
    public static IResult Passing(string title, string detail) => new FunctionRetryLater(Problem(503, title, detail));

    /// <summary>
    /// Answers with a problem instead of an exception: 503 for what passes by itself, 500 for what Redis refuses for good, by command and key.
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

    /// <summary>Who is asking, for the audit: the key's name where the host tells it, else a mark of the key that does not give it away.</summary>
    public static string Who(HttpRequest request)
    {
        if (request.HttpContext.User.FindFirst(KeyClaim)?.Value is { Length: > 0 } name)
            return name;
        var key = request.Headers["x-functions-key"].FirstOrDefault() ?? request.Query["code"].FirstOrDefault();
        return string.IsNullOrEmpty(key) ? "unknown" : $"key-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 4))}";
    }

    public static string Name(CircuitState state) => state switch
    {
        CircuitState.Closed => "closed",
        CircuitState.HalfOpen => "half-open",
        _ => "open",
    };
}
