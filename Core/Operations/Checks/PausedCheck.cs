using EmailIngestion.Consuming;
using EmailIngestion.Mailboxes;
using EmailIngestion.Streams;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Operations.Checks;

/// <summary>Says what of this process is paused. A pause is no failure: the answer stays healthy.</summary>
internal sealed class PausedCheck(StreamPartitions partitions, IOptions<ConsumerOptions> consumer, IOptions<PollingOptions> polling)
    : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(FoundProblems.ToNotes([.. partitions.Served.SelectMany(Lines)]));

    // Anybody may read the answer, so it has neither the reason nor the names of mailboxes.
    private IEnumerable<string> Lines(StreamPartition partition)
    {
        var state = partition.Control.Current;
        if (consumer.Value.Enabled && state.ConsumersPause is not null)
            yield return $"the consumers of {partition.Keys.Stream} are paused";
        if (polling.Value.Polls && state.Everything is not null)
            yield return $"the mailboxes of {partition.Keys.Stream} are paused";
        else if (polling.Value.Polls && state.Mailboxes.Count > 0)
            yield return $"{state.Mailboxes.Count} of the mailboxes of {partition.Keys.Stream} are paused";
    }
}
