using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Operations.Checks;

/// <summary>Refuses two health checks with one name at the start. Otherwise each request would fail.</summary>
internal sealed class UniqueCheckNames : IValidateOptions<HealthCheckServiceOptions>
{
    public ValidateOptionsResult Validate(string? name, HealthCheckServiceOptions options)
    {
        var failures = options.Registrations
            .CountBy(registration => registration.Name, StringComparer.OrdinalIgnoreCase)
            .Where(count => count.Value > 1)
            .Select(count => $"{count.Value} health checks are named '{count.Key}': give each its own name.")
            .ToArray();
        return failures.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
