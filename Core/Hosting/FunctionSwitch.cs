using Microsoft.Extensions.Configuration;

namespace EmailIngestion.Hosting;

/// <summary>Whether a function is switched off, by the setting that Functions hosts read.</summary>
internal static class FunctionSwitch
{
    public static bool IsDisabled(IConfiguration configuration, string function) =>
        new[] { $"AzureWebJobs.{function}.Disabled", $"AzureWebJobs:{function}:Disabled" }
            .Any(name => configuration[name] is { } text && (text == "1" || text.Equals("true", StringComparison.OrdinalIgnoreCase)));
}
