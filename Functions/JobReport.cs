using System.Text.Json;
using EmailIngestion.Streams.Jobs;

namespace EmailIngestion.Functions;

/// <summary>A job as the answers show it.</summary>
internal sealed record JobReport(
    string Id,
    string Partition,
    string Kind,
    JsonElement? Filter,
    string State,
    string Reason,
    long Total,
    long Done,
    long Skipped,
    long Failed,
    string Who,
    DateTimeOffset Created,
    DateTimeOffset? Started,
    DateTimeOffset? Ended,
    string Process,
    string? Follows)
{
    /// <param name="job">The job.</param>
    /// <param name="followed">The jobs that must end before others, by the IDs of those.</param>
    public static JobReport Of(Job job, IReadOnlyDictionary<string, string> followed) => new(
        job.Id, job.Partition, job.Kind, FunctionJsonText.Parse(job.Filter), job.State, job.Reason, job.Total, job.Done, job.Skipped,
        job.Failed, job.Who, job.Created, job.Started, job.Ended, job.Process,
        followed.GetValueOrDefault(job.Id));
}
