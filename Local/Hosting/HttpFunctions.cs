using System.Globalization;
using System.Security.Claims;
using EmailIngestion.Functions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Local.Hosting;

/// <summary>Serves the HTTP functions on their routes, and checks the keys of this machine.</summary>
internal static class HttpFunctions
{
    private const string KeyClaim = "http://schemas.microsoft.com/2017/07/functions/claims/keyid";

    public static void MapFunctions(this WebApplication app, IReadOnlyList<FunctionDescriptor> functions, string prefix)
    {
        foreach (var route in functions.Where(function => function.Http is not null)
            .GroupBy(function => $"{prefix}/{function.Http!.Route ?? function.Name}", StringComparer.OrdinalIgnoreCase))
        {
            foreach (var function in route)
                app.MapMethods(route.Key, function.Http!.Methods ?? [], context => ServeAsync(function, context));
            // Else a function whose route has a parameter here answers the other methods, or has its methods in the header Allow.
            if (!route.Key.Contains('{', StringComparison.Ordinal))
            {
                var refusal = new FunctionNotAllowed(Methods(route));
                app.Map(route.Key, refusal.ExecuteAsync);
            }
        }
    }

    private static string Methods(IEnumerable<FunctionDescriptor> functions) =>
        string.Join(", ", functions.SelectMany(function => function.Http!.Methods ?? []).Select(method => method.ToUpperInvariant()));

    private static async Task ServeAsync(FunctionDescriptor function, HttpContext context)
    {
        var services = context.RequestServices;
        var key = context.Request.Headers[FunctionKeys.Header].FirstOrDefault()
            ?? context.Request.Query[FunctionKeys.Query].FirstOrDefault();
        var result = services.GetRequiredService<FunctionKeys>().Admit(function.Http!.AuthLevel, key) is { } name
            ? await InvokeAsync(function, context, name)
            : await RefuseAsync(context, key);
        await result.ExecuteAsync(context);
    }

    // A request without a key does not guess one, so it is answered at once.
    private static async Task<IResult> RefuseAsync(HttpContext context, string? key)
    {
        var answered = string.IsNullOrEmpty(key)
            || await context.RequestServices.GetRequiredService<WrongKeys>()
                .DelayAsync(context.Connection.RemoteIpAddress, context.RequestAborted);
        if (answered)
        {
            return FunctionResults.Problem(
                401, "Unauthorized", $"This function needs a key, in the header {FunctionKeys.Header} or as ?{FunctionKeys.Query}=.");
        }

        context.Response.Headers.Connection = "close";
        context.Response.Headers.RetryAfter = WrongKeys.LongestDelay.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        return FunctionResults.Problem(429, "Too many wrong keys", "Too many wrong keys come from this address.");
    }

    private static async Task<IResult> InvokeAsync(FunctionDescriptor function, HttpContext context, string key)
    {
        if (key.Length > 0)
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(KeyClaim, key)], "key"));
        return await function.InvokeAsync(context.RequestServices, context.Request, null, context.RequestAborted) ?? Results.NoContent();
    }
}
