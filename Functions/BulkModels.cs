using System.Text.Json;
using EmailIngestion.Streams;

namespace EmailIngestion.Functions;

/// <param name="Jobs">The page, newest first.</param>
/// <param name="After">The value of <c>after</c> for the next page; null on the last page.</param>
internal sealed record JobPage(IReadOnlyList<JobReport> Jobs, string? After);

/// <param name="Entries">The page, newest first.</param>
/// <param name="After">The value of <c>after</c> for the next page of older entries; null on the last page.</param>
internal sealed record AuditPage(IReadOnlyList<AuditReport> Entries, string? After);

/// <summary>An entry of the audit as the answers show it.</summary>
internal sealed record AuditReport(
    string Id, string At, string Who, string Action, string Target, JsonElement? Filter, long Count, string Outcome)
{
    public static AuditReport Of(AuditEntry entry) => new(
        entry.Id, entry.At, entry.Who, entry.Action, entry.Target, FunctionJsonText.Parse(entry.Filter), entry.Count, entry.Outcome);
}
