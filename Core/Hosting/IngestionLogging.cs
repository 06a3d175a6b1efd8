using Microsoft.Extensions.Logging;

namespace EmailIngestion.Hosting;

/// <summary>The log of a host: one line an event with its time, and no noise of libraries.</summary>
public static class IngestionLogging
{
    /// <summary>
    /// Logs to the console, and leaves out what libraries write for each request: ASP.NET Core's lines hold the address with the function
    /// key (<c>?code=</c>), Polly's and HttpClient's repeat what ours say.
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
        .AddFilter("Polly", LogLevel.Error)
        .AddFilter("System.Net.Http", LogLevel.Warning);
}
