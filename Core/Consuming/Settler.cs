using System.Threading.Channels;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Polly;
using Polly.Registry;

namespace EmailIngestion.Consuming;

/// <summary>
/// Settles completed deliveries in batches. A delivery that arrives while no step runs is settled at once; deliveries that arrive during a
/// step are settled together in the next one.
/// </summary>
internal sealed class Settler : IAsyncDisposable
{
    private const int MaxBatch = 100;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Channel<Waiting> _waiting = Channel.CreateUnbounded<Waiting>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConsumerGroup _group;
    private readonly ResiliencePipeline _redis;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _giveUp = new();
    private readonly Task _loop;

    public Settler(ConsumerGroup group, ResiliencePipelineProvider<string> pipelines, TimeProvider time)
    {
        _group = group;
        _time = time;
        _redis = pipelines.GetPipeline(RedisPipeline.Name);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Settles a completed delivery, in a batch with others.</summary>
    public Task<SettleResult> SettleAsync(Delivery delivery)
    {
        // Continuations run in the settler's loop: they are short and wait for nothing.
        var waiting = new Waiting(delivery, new TaskCompletionSource<SettleResult>());
        _waiting.Writer.TryWrite(waiting);
        return waiting.Result.Task;
    }

    /// <summary>Stops waiting for Redis because the process stops: each remaining batch is tried once more.</summary>
    public void GiveUp() => _giveUp.Cancel();

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _loop;
        _giveUp.Dispose();
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
            batch.Sort(static (one, other) => Delivery.Compare(one.Delivery, other.Delivery));
            Delivery[] deliveries = [.. batch.Select(waiting => waiting.Delivery)];
            var results = await UntilAnsweredAsync(deliveries);
            for (var i = 0; i < batch.Count; i++)
                batch[i].Result.SetResult(results[i]);
        }
        catch (Exception e)
        {
            // Every exception goes to the deliveries of this batch. The loop continues with the next batch.
            foreach (var waiting in batch)
                waiting.Result.TrySetException(e);
        }
    }

    // Waits for an unreachable Redis: the emails are processed, and without a settlement they would be processed again. If another consumer
    // reclaims an entry meanwhile, the script reports it as lost. Repeating is safe: the script recognises entries that an earlier try
    // settled.
    private async Task<SettleResult[]> UntilAnsweredAsync(Delivery[] deliveries)
    {
        while (!_giveUp.IsCancellationRequested)
        {
            try
            {
                return await _redis.ExecuteAsync(async token => await _group.SettleAsync(deliveries, token), _giveUp.Token);
            }
            catch (Exception e) when (RedisErrors.IsPassing(e))
            {
                await Task.Delay(Pause, _time, _giveUp.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (_giveUp.IsCancellationRequested)
            {
                // The last try follows below.
            }
        }

        return await _group.SettleAsync(deliveries, CancellationToken.None);
    }

    private readonly record struct Waiting(Delivery Delivery, TaskCompletionSource<SettleResult> Result);
}
