using Microsoft.AspNetCore.Http;

namespace EmailIngestion.Functions;

/// <summary>Answers 405 with the method that an address has (RFC 9110, 15.5.6).</summary>
internal sealed class FunctionNotAllowed(string allowed) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.Allow = allowed;
        return FunctionResults.Problem(
            405, "Method Not Allowed", $"The function at this address does not answer {httpContext.Request.Method}, but {allowed}.")
            .ExecuteAsync(httpContext);
    }
}
