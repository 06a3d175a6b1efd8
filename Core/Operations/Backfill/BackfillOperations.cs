using System.Text.Json;
using EmailIngestion.Operations.Jobs;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Jobs;

namespace EmailIngestion.Operations.Backfill;

/// <summary>Starts jobs that read older mail of a mailbox. A process that polls the mailbox runs them.</summary>
public sealed class BackfillOperations
{
    private readonly JobSignal _signal;

    internal BackfillOperations(JobSignal signal) => _signal = signal;

    /// <summary>Creates the job. Its total is known once it has searched the mailbox.</summary>
    public async Task<(JobCreation Result, Job? Job)> StartAsync(
        StreamPartition partition, BackfillRequest request, string who, CancellationToken cancellationToken)
    {
        var created = await partition.Jobs.CreateAsync(
            new NewJob(
                BackfillJob.Name, JsonSerializer.Serialize(request, BackfillJson.Default.BackfillRequest), Total: 0, who, BackfillJob.Name),
            cancellationToken);
        _signal.Set();
        return created;
    }
}
