using EmailIngestion.Functions;
using EmailIngestion.Messages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace EmailIngestion.Local.Hosting;

/// <summary>Applies to every answer: sets the security headers, and turns errors into problem details.</summary>
internal static class HttpAnswers
{
    /// <summary>The detail of a 404 at an address without a function, unlike a 404 of a function.</summary>
    public const string NoFunction = "No function has this address.";

    public static void UseAnswers(this WebApplication app) => app.Use(async (context, next) =>
    {
        try
        {
            FunctionSecurityHeaders.Apply(context.Response);
            if (context.Request.ContentLength > HttpLimits.MaxBodyBytes)
                await RefuseAsync(context, 413);
            else
                await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null })
                await RefuseAsync(context, context.Response.StatusCode);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await RefuseAsync(context, e.StatusCode);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client disconnected.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            // A bug. Its details go to the log only.
            Log.RequestFailed(app.Logger, BoundedText.Line(context.Request.Path), e);
            await RefuseAsync(context, 500);
        }
    });

    private static Task RefuseAsync(HttpContext context, int status)
    {
        // A 405 names the methods that there are (RFC 9110, 15.5.6).
        var allow = context.Response.Headers.Allow;
        context.Response.Clear();
        if (status == StatusCodes.Status405MethodNotAllowed)
            context.Response.Headers.Allow = allow;
        var title = ReasonPhrases.GetReasonPhrase(status);
        return FunctionResults.Problem(status, title, Detail(status, context.Request)).ExecuteAsync(context);
    }

    private static string Detail(int status, HttpRequest request) => status switch
    {
        404 => NoFunction,
        405 => $"The function at this address does not answer {request.Method}.",
        413 => $"The body is larger than {HttpLimits.MaxBodyBytes} bytes; no function needs one.",
        500 => "The request failed; the log of this process has the error.",
        _ => "The request cannot be answered.",
    };
}
