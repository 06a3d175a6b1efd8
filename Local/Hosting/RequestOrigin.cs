using System.Net;
using EmailIngestion.Configuration;
using EmailIngestion.Functions;
using EmailIngestion.Messages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace EmailIngestion.Local.Hosting;

/// <summary>
/// Refuses requests that a page of another site makes in a browser of this machine. A page can give its own name the address of this
/// machine (DNS rebinding), so the Host must be an address, localhost, or a name of <c>Local:HostNames</c>. A request that changes
/// something may only come from a page of this process.
/// </summary>
internal static class RequestOrigin
{
    /// <summary>The setting of further names by which this process is asked, with commas between.</summary>
    public const string NamesSetting = "Local:HostNames";

    private const string FetchSite = "Sec-Fetch-Site";

    /// <exception cref="SettingsException">A name is not valid.</exception>
    public static void UseRequestOrigin(this WebApplication app, string? names)
    {
        var known = Parse(names);
        app.Use(async (context, next) =>
        {
            if (Fault(context.Request, known) is { } fault)
                await FunctionResults.Problem(403, "Request of another site", fault).ExecuteAsync(context);
            else
                await next(context);
        });
    }

    private static HashSet<string> Parse(string? names)
    {
        var known = new HashSet<string>(
            (names ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            StringComparer.OrdinalIgnoreCase);
        return known.FirstOrDefault(name => Uri.CheckHostName(name) != UriHostNameType.Dns) is { } wrong
            ? throw new SettingsException($"{NamesSetting} has '{wrong}': it must be the name of a host, without a port.")
            : known;
    }

    private static string? Fault(HttpRequest request, HashSet<string> names)
    {
        // HTTP/1.0 has no Host. Browsers always send one.
        var host = request.Host.Host;
        if (host.Length > 0 && !host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            && !IPAddress.TryParse(host, out _) && !names.Contains(host))
        {
            return $"Host is '{BoundedText.Line(host)}': it must be localhost, an IP address, or a name of {NamesSetting}.";
        }

        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            return null;
        if (request.Headers[FetchSite].ToString() is "cross-site" or "same-site")
            return $"{FetchSite} is '{request.Headers[FetchSite]}': a page of another site may change nothing here.";
        return request.Headers.Origin.ToString() is { Length: > 0 } origin && !IsOwn(origin, request.Host)
            ? $"Origin is '{BoundedText.Line(origin)}': a page of another site may change nothing here."
            : null;
    }

    // A proxy may speak https to the browser, so the scheme does not count, but for its default port.
    private static bool IsOwn(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && uri.Host.Equals(host.Host, StringComparison.OrdinalIgnoreCase)
        && (host.Port is { } port ? uri.Port == port : uri.IsDefaultPort);
}
