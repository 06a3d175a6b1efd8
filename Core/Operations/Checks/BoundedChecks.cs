using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Operations.Checks;

/// <summary>Puts a <see cref="BoundedCheck"/> round each registered health check.</summary>
internal sealed class BoundedChecks(IServiceScopeFactory scopes, TimeProvider time, ILogger<IngestionHealth> logger)
    : IPostConfigureOptions<HealthCheckServiceOptions>
{
    public void PostConfigure(string? name, HealthCheckServiceOptions options)
    {
        // The registrations belong to the services, which may configure several options with them.
        HealthCheckRegistration[] registrations = [.. options.Registrations.Select(Bound)];
        options.Registrations.Clear();
        foreach (var registration in registrations)
            options.Registrations.Add(registration);
    }

    private HealthCheckRegistration Bound(HealthCheckRegistration registration)
    {
        var timeout = registration.Timeout > TimeSpan.Zero && registration.Timeout < BoundedCheck.LongestRun
            ? registration.Timeout
            : BoundedCheck.LongestRun;
        var check = new BoundedCheck(registration.Factory, timeout, scopes, time, logger);
        return new HealthCheckRegistration(registration.Name, check, registration.FailureStatus, registration.Tags)
        {
            Delay = registration.Delay,
            Period = registration.Period,
        };
    }
}
