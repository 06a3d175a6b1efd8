using Microsoft.Extensions.Logging;

namespace EmailIngestion.Hosting;

/// <summary>Configures the log of a host: one line with a time for each event, without request logs of libraries.</summary>
public static class IngestionLogging
{
    /// <summary>
    /// Logs to the console without the libraries' lines for each request: those of ASP.NET Core contain the address with the function key
    /// (<c>?code=</c>), those of Polly, HttpClient and the health checks repeat this program's lines.
    /// </summary>
    public static ILoggingBuilder AddIngestionLogging(this ILoggingBuilder logging) => logging
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
            console.IncludeScopes = false;
        })
        .SetMinimumLevel(LogLevel.Information)
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None)
        .AddFilter("Polly", LogLevel.Error)
        .AddFilter("System.Net.Http", LogLevel.Warning);
}
