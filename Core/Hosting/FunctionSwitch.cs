using Microsoft.Extensions.Configuration;

namespace EmailIngestion.Hosting;

/// <summary>Checks whether a function is disabled by the setting of the Functions host.</summary>
internal static class FunctionSwitch
{
    public static bool IsDisabled(IConfiguration configuration, string function) =>
        new[] { $"AzureWebJobs.{function}.Disabled", $"AzureWebJobs:{function}:Disabled" }
            .Any(name => configuration[name] is { } text && (text == "1" || text.Equals("true", StringComparison.OrdinalIgnoreCase)));
}
