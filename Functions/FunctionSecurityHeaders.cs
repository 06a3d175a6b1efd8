using Microsoft.AspNetCore.Http;

namespace EmailIngestion.Functions;

/// <summary>
/// Sets the headers of every answer. Answers hold mail or data about mail, so no cache keeps them and no browser guesses their type.
/// </summary>
internal static class FunctionSecurityHeaders
{
    public static void Apply(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
    }

    /// <summary>The same result with these headers.</summary>
    public static IResult Secured(this IResult result) => new SecuredResult(result);

    private sealed class SecuredResult(IResult inner) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            Apply(httpContext.Response);
            return inner.ExecuteAsync(httpContext);
        }
    }
}
