using System.Net;
using EmailIngestion.Messages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace EmailIngestion.Mailboxes.SignIn.Consent;

/// <summary>
/// Consent in a browser on this machine (RFC 8252): the provider sends the browser back to a listener on 127.0.0.1 with a code, which is
/// exchanged for tokens.
/// </summary>
/// <param name="provider">The provider.</param>
/// <param name="endpoint">Its token endpoint.</param>
/// <param name="time">The clock.</param>
internal sealed class BrowserConsent(ConsentProvider provider, TokenEndpoint endpoint, TimeProvider time)
{
    private const int MostHeaderBytes = 32 * 1024;

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(15);

    /// <summary>Waits for the consent, for at most a quarter of an hour.</summary>
    /// <param name="show">Shows the address to a person.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SignInException">The consent is refused, or did not come in time.</exception>
    public async Task<TokenAnswer> RunAsync(Action<Uri> show, CancellationToken cancellationToken)
    {
        var answered = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        AuthorizationRequest? request = null;
        await using var listener = Listener();
        listener.Run(context => AnswerAsync(context, request, answered));
        await listener.StartAsync(cancellationToken);
        request = new AuthorizationRequest(provider, new Uri($"http://{provider.RedirectHost}:{new Uri(listener.Urls.First()).Port}"));
        show(request.Address);
        try
        {
            var code = await answered.Task.WaitAsync(LongestWait, time, cancellationToken);
            return await endpoint.RequestAsync(request.Exchange(code), cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new SignInException(SignInFailure.Unavailable, $"Nobody consented within {LongestWait.TotalMinutes} minutes.", e);
        }
    }

    private static WebApplication Listener()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestHeadersTotalSize = MostHeaderBytes;
            kestrel.Limits.MaxRequestLineSize = MostHeaderBytes;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        return builder.Build();
    }

    private async Task AnswerAsync(HttpContext context, AuthorizationRequest? request, TaskCompletionSource<string> answered)
    {
        var query = context.Request.Query;
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = "default-src 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        context.Response.ContentType = "text/html; charset=utf-8";
        // Browsers also ask for an icon, and other pages may try the port: the wait goes on.
        if (context.Request.Path != "/" || !HttpMethods.IsGet(context.Request.Method) || request?.IsState(query["state"]) != true)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync(Write("This is not the answer of the sign-in."));
            return;
        }

        if (query["error"].ToString() is { Length: > 0 } error)
        {
            await context.Response.WriteAsync(Write("The sign-in was refused. The terminal says why."));
            await context.Response.CompleteAsync();
            var code = BoundedText.Line(error, OAuthErrors.MaxCode);
            var says = OAuthErrors.Describe(provider.Authorization!.Authority, code, query["error_description"].ToString());
            answered.TrySetException(new SignInException(SignInFailure.Refused, says) { Code = code });
            return;
        }

        await context.Response.WriteAsync(Write("The sign-in is complete."));
        await context.Response.CompleteAsync();
        answered.TrySetResult(query["code"].ToString());
    }

    private static string Write(string text) =>
        $"<!doctype html><meta charset=utf-8><title>Sign-in</title><p>{text} You can close this window.</p>";
}
