using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Local.Hosting;

/// <summary>Answers <c>GET /</c> with the addresses of this process. It needs no key, so it shows no secrets.</summary>
internal static class StartPage
{
    public static void MapStartPage(this WebApplication app, IReadOnlyList<FunctionDescriptor> functions, string prefix)
    {
        var text = Text(functions, prefix);
        app.MapGet("/", () => Results.Text(text, "text/plain", Encoding.UTF8));
    }

    /// <summary>Lists the functions that answer a GET without parameters.</summary>
    private static string Text(IReadOnlyList<FunctionDescriptor> functions, string prefix)
    {
        var lines = new StringBuilder("Email ingestion on this machine. Open one of these:\n\n");
        foreach (var function in functions.Where(IsSimpleGet))
        {
            var key = function.Http!.AuthLevel == AuthorizationLevel.Anonymous ? "" : "   with the key";
            lines.Append(CultureInfo.InvariantCulture, $"  /{prefix}/{function.Http.Route ?? function.Name}{key}\n");
        }

        lines.Append("\nThe key is in keys.json of the data folder. Send it in the header ").Append(FunctionKeys.Header).Append(".\n");
        return lines.ToString();
    }

    private static bool IsSimpleGet(FunctionDescriptor function) =>
        function.Http is { } http
        && (http.Methods is not { Length: > 0 } methods || methods.Contains("get", StringComparer.OrdinalIgnoreCase))
        && http.Route?.Contains('{', StringComparison.Ordinal) != true;
}
