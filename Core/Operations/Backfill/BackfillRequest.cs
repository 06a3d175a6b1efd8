using System.Text.Json;
using EmailIngestion.Operations.Jobs;
using EmailIngestion.Streams.Jobs;

namespace EmailIngestion.Operations.Backfill;

/// <summary>Which emails a backfill reads. The days are those of the mail server's dates (INTERNALDATE).</summary>
/// <param name="Mailbox">The mailbox.</param>
/// <param name="From">The first day.</param>
/// <param name="To">The last day; null for no limit.</param>
public sealed record BackfillRequest(string Mailbox, DateOnly From, DateOnly? To)
{
    /// <summary>The request that a job was created with.</summary>
    internal static BackfillRequest Of(Job job)
    {
        try
        {
            return JsonSerializer.Deserialize(job.Filter, BackfillJson.Default.BackfillRequest)
                ?? throw new JobFailedException("The job names no mailbox.");
        }
        catch (JsonException e)
        {
            throw new JobFailedException($"What the job asks for cannot be read: {e.Message}");
        }
    }
}
