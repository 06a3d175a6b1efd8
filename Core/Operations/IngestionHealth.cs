using EmailIngestion.Messages;
using EmailIngestion.Operations.Checks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EmailIngestion.Operations;

/// <summary>Checks whether this process is alive and whether it is ready, by its registered health checks.</summary>
public sealed class IngestionHealth
{
    private readonly HealthCheckService _checks;

    internal IngestionHealth(HealthCheckService checks) => _checks = checks;

    /// <summary>
    /// Checks whether this process must be restarted. The checks of this program do not ask Redis or a mail server, because a restart would
    /// not repair them.
    /// </summary>
    public Task<HealthAnswer> CheckLiveAsync(CancellationToken cancellationToken) =>
        CheckAsync(check => check.Tags.Contains(HealthTag.Live), cancellationToken);

    /// <summary>
    /// Checks whether this process has all that it needs: Redis, the consumer groups, a poll timer that fires, a recent success.
    /// </summary>
    public Task<HealthAnswer> CheckReadyAsync(CancellationToken cancellationToken) =>
        CheckAsync(check => check.Tags.Contains(HealthTag.Ready) || !check.Tags.Contains(HealthTag.Live), cancellationToken);

    private async Task<HealthAnswer> CheckAsync(Func<HealthCheckRegistration, bool> counts, CancellationToken cancellationToken)
    {
        var report = await _checks.CheckHealthAsync(counts, cancellationToken);
        return new HealthAnswer(
            report.Status != HealthStatus.Unhealthy, [.. report.Entries.SelectMany(entry => Lines(entry.Key, entry.Value))]);
    }

    private static IReadOnlyList<string> Lines(string name, HealthReportEntry entry) => entry.Status == HealthStatus.Healthy
        ? []
        : FoundProblems.In(entry.Data) ?? [BoundedText.Line($"{name}: {Text(entry)}")];

    // The message of an exception may hold a connection string, and anybody may read the answer.
    private static string Text(HealthReportEntry entry) => entry switch
    {
        { Description: { Length: > 0 } text, Exception: var error }
            when error is null || !text.Contains(error.Message, StringComparison.Ordinal) => text,
        { Exception: { } error } => $"failed ({error.GetType().Name})",
        _ => entry.Status == HealthStatus.Degraded ? "is degraded" : "is unhealthy",
    };
}
