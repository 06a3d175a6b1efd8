using Microsoft.AspNetCore.Http;

namespace EmailIngestion.Functions;

/// <summary>Adds Retry-After (RFC 9110, 10.2.3) to an answer.</summary>
internal sealed class FunctionRetryLater(IResult answer) : IResult
{
    private const string Seconds = "5";

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.RetryAfter = Seconds;
        return answer.ExecuteAsync(httpContext);
    }
}
