using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EmailIngestion.Operations.Checks;

/// <summary>The problems that a check of this program has found: its lines of the answer.</summary>
/// <param name="Lines">A line for each problem, without secrets.</param>
internal sealed record FoundProblems(IReadOnlyList<string> Lines)
{
    private const string Key = "problems";

    /// <summary>The result of a check: healthy without problems, unhealthy otherwise.</summary>
    public static HealthCheckResult ToResult(params IReadOnlyList<string> lines) => lines.Count == 0
        ? HealthCheckResult.Healthy()
        : HealthCheckResult.Unhealthy(
            string.Join("; ", lines), data: new Dictionary<string, object> { [Key] = new FoundProblems(lines) });

    /// <summary>The result of a check whose lines are no problems: degraded with lines, which stays healthy.</summary>
    public static HealthCheckResult ToNotes(IReadOnlyList<string> lines) => lines.Count == 0
        ? HealthCheckResult.Healthy()
        : HealthCheckResult.Degraded(
            string.Join("; ", lines), data: new Dictionary<string, object> { [Key] = new FoundProblems(lines) });

    /// <summary>The lines in the data of a result; null if it is not a result of this program.</summary>
    public static IReadOnlyList<string>? In(IReadOnlyDictionary<string, object> data) =>
        data.TryGetValue(Key, out var value) && value is FoundProblems problems ? problems.Lines : null;
}
