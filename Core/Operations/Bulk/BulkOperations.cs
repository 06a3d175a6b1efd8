using System.Text.Json;
using EmailIngestion.Operations.Jobs;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Dlq;
using EmailIngestion.Streams.Jobs;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Operations.Bulk;

/// <summary>
/// Replays and deletes dead letters by a filter, in two steps: a preview counts them and returns a token, and the token starts a job. The
/// job is bounded by the last dead letter of the preview, so it never changes more than the preview has shown.
/// </summary>
public sealed class BulkOperations
{
    /// <summary>How long a token is good.</summary>
    public static readonly TimeSpan TokenLife = TimeSpan.FromMinutes(10);

    // Before the first ID, where there is no dead letter.
    private const string Nothing = "0-0";

    private readonly JobSignal _signal;
    private readonly IOptions<OperationsOptions> _options;
    private readonly TimeProvider _time;

    internal BulkOperations(JobSignal signal, IOptions<OperationsOptions> options, TimeProvider time)
    {
        _signal = signal;
        _options = options;
        _time = time;
    }

    /// <summary>Counts what the action would change. It changes nothing.</summary>
    public async Task<BulkPreview> PreviewAsync(
        StreamPartition partition, BulkAction action, DeadLetterFilter filter, CancellationToken cancellationToken)
    {
        var search = partition.DeadLetters.Search;
        var until = await search.NewestAsync(cancellationToken);
        var (count, skipped) = (0L, 0L);
        await foreach (var row in search.WalkAsync(filter, after: null, until ?? Nothing, cancellationToken))
        {
            if (action == BulkAction.Replay && row.Replays >= _options.Value.MaxReplays)
                skipped++;
            else
                count++;
        }

        var shown = new ShownPreview(action, filter, until ?? Nothing, count + skipped);
        var expires = _time.GetUtcNow() + TokenLife;
        var token = await partition.Previews.SaveAsync(
            JsonSerializer.Serialize(shown, BulkJson.Default.ShownPreview), TokenLife, cancellationToken);
        return new BulkPreview(count, until, token, expires, action == BulkAction.Replay ? _options.Value.MaxReplays : null, skipped);
    }

    /// <summary>
    /// Starts the job that a preview has shown. Unconfirmed: the token is not that of a preview of the same action and filter in this
    /// partition, or was used before, or its time is over.
    /// </summary>
    public async Task<(JobCreation Result, Job? Job)> StartAsync(
        StreamPartition partition,
        BulkAction action,
        DeadLetterFilter filter,
        string token,
        string who,
        CancellationToken cancellationToken)
    {
        if (await partition.Previews.FindAsync(token, cancellationToken) is not { } text
            || Read(text) is not { } shown || shown.Action != action || shown.Filter != filter)
            return (JobCreation.Unconfirmed, null);
        var created = await partition.Jobs.CreateAsync(
            new NewJob(
                action == BulkAction.Replay ? ReplayJob.Name : PurgeJob.Name,
                JsonSerializer.Serialize(filter, BulkJson.Default.DeadLetterFilter),
                shown.Total,
                who,
                action == BulkAction.Replay ? "bulk-replay" : "bulk-purge")
            {
                Until = shown.Until,
                Preview = PreviewStore.Digest(token),
            },
            cancellationToken);
        _signal.Set();
        return created;
    }

    // Another version may have written it.
    private static ShownPreview? Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, BulkJson.Default.ShownPreview);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
