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

    // A preview reads no more, so that no request takes long. It counts up to the last that it has read.
    private const int MostReadForPreview = 200_000;

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
    public Task<BulkPreview> PreviewAsync(
        StreamPartition partition, BulkAction action, DeadLetterFilter filter, CancellationToken cancellationToken) =>
        PreviewAsync(partition, action, filter, MostReadForPreview, cancellationToken);

    internal async Task<BulkPreview> PreviewAsync(
        StreamPartition partition, BulkAction action, DeadLetterFilter filter, int most, CancellationToken cancellationToken)
    {
        var search = partition.DeadLetters.Search;
        var until = await search.NewestAsync(cancellationToken);
        var (count, skipped, read, isWhole) = (0L, 0L, 0, true);
        await foreach (var stretch in search.StretchesAsync(filter, after: null, until ?? Nothing, cancellationToken))
        {
            var tooOften = action == BulkAction.Replay ? stretch.Rows.Count(row => row.Replays >= _options.Value.MaxReplays) : 0;
            skipped += tooOften;
            count += stretch.Rows.Count - tooOften;
            read += stretch.Read;
            if (read < most || stretch.Last is null)
                continue;
            (until, isWhole) = (stretch.Last, false);
            break;
        }

        var shown = new ShownPreview(action, filter, until ?? Nothing, count + skipped);
        var expires = _time.GetUtcNow() + TokenLife;
        var token = await partition.Previews.SaveAsync(
            JsonSerializer.Serialize(shown, BulkJson.Default.ShownPreview), TokenLife, cancellationToken);
        int? mostReplays = action == BulkAction.Replay ? _options.Value.MaxReplays : null;
        return new BulkPreview(count, until, token, expires, mostReplays, skipped, isWhole);
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
