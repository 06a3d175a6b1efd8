using Microsoft.AspNetCore.Http;

namespace EmailIngestion.Functions.Page;

/// <summary>Answers with the page and the headers that keep others out of it.</summary>
internal sealed class PageResult(PageDocument page) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        FunctionSecurityHeaders.Apply(response);
        response.Headers.ContentSecurityPolicy = page.Policy;
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = page.Html.Length;
        await response.Body.WriteAsync(page.Html, httpContext.RequestAborted);
    }
}
