using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace EmailIngestion.Local.Hosting;

/// <summary>Sends <c>GET /</c> to the page.</summary>
internal static class StartPage
{
    public static void MapStartPage(this WebApplication app, string prefix) => app.MapGet("/", () => Results.Redirect(Path(prefix)));

    /// <summary>The path of the page under the prefix of the functions.</summary>
    public static string Path(string prefix) => $"/{prefix}/ui";
}
