using System.Threading.Channels;
using EmailIngestion.Redis;
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

    /// <summary>Settles a completed delivery, together with others.</summary>
    public Task<SettleResult> SettleAsync(Delivery delivery)
    {
        // What follows a settlement is short and waits for nothing: it runs in the settler's loop.
        var waiting = new Waiting(delivery, new TaskCompletionSource<SettleResult>());
        _waiting.Writer.TryWrite(waiting);
        return waiting.Result.Task;
    }

    /// <summary>The process stops: what is still to be settled is tried once, and Redis not waited for.</summary>
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
            // Whatever it was belongs to the deliveries of this batch; the loop serves the next.
            foreach (var waiting in batch)
                waiting.Result.TrySetException(e);
        }
    }

    // Redis that is away is waited for: the work is done, and given up it would be done again. Meanwhile nobody else can take it either,
    // and if somebody does, the script says so. Repeating is safe: the script recognises what an earlier try has settled.
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
                // Once more below.
            }
        }

        return await _group.SettleAsync(deliveries, CancellationToken.None);
    }

    private readonly record struct Waiting(Delivery Delivery, TaskCompletionSource<SettleResult> Result);
}
