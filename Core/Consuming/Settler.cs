using System.Threading.Channels;
using EmailIngestion.Streams;
using Polly;
using Polly.Registry;

namespace EmailIngestion.Consuming;

/// <summary>
/// Settles completed deliveries, as many as are waiting in one step: nothing waits for company, but what comes while a step is under way
/// goes together in the next.
/// </summary>
internal sealed class Settler : IAsyncDisposable
{
    private const int MaxBatch = 100;

    private readonly Channel<Waiting> _waiting = Channel.CreateUnbounded<Waiting>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConsumerGroup _group;
    private readonly ResiliencePipeline _redis;
    private readonly Task _loop;

    public Settler(ConsumerGroup group, ResiliencePipelineProvider<string> pipelines)
    {
        _group = group;
        _redis = pipelines.GetPipeline(ResiliencePipelines.Redis);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Settles a completed delivery, together with others.</summary>
    public Task<SettleResult> SettleAsync(Delivery delivery)
    {
        var waiting = new Waiting(delivery, new TaskCompletionSource<SettleResult>(TaskCreationOptions.RunContinuationsAsynchronously));
        _waiting.Writer.TryWrite(waiting);
        return waiting.Result.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _loop;
    }

    private async Task RunAsync()
    {
        var batch = new List<Waiting>(MaxBatch);
        while (await _waiting.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _waiting.Reader.TryRead(out var waiting))
                batch.Add(waiting);
            await FlushAsync(batch);
        }
    }

    private async Task FlushAsync(List<Waiting> batch)
    {
        try
        {
            Delivery[] deliveries = [.. batch.Select(waiting => waiting.Delivery)];
            // Repeating is safe: the script recognises what an earlier try has settled.
            var results = await _redis.ExecuteAsync(async token => await _group.SettleAsync(deliveries, token), CancellationToken.None);
            for (var i = 0; i < batch.Count; i++)
                batch[i].Result.SetResult(results[i]);
        }
        catch (Exception e)
        {
            // Whatever it was belongs to the deliveries of this batch; the loop serves the next.
            foreach (var waiting in batch)
                waiting.Result.TrySetException(e);
        }
    }

    private readonly record struct Waiting(Delivery Delivery, TaskCompletionSource<SettleResult> Result);
}
