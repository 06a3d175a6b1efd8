using System.Threading.Channels;
using EmailIngestion.Streams;

namespace EmailIngestion.Consuming;

/// <summary>
/// Collects completed deliveries into batches. A delivery that arrives while no batch is being settled is settled at once; deliveries that
/// arrive meanwhile are settled together in the next batch.
/// </summary>
internal sealed class SettleBatches : IAsyncDisposable
{
    private const int MaxBatch = 500;

    private readonly Channel<Waiting> _waiting = Channel.CreateUnbounded<Waiting>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Func<IReadOnlyList<Delivery>, Task<Settlement[]>> _settle;
    private readonly Task _loop;

    /// <param name="settle">Settles one batch, in the order of the stream, and returns one result for each delivery.</param>
    public SettleBatches(Func<IReadOnlyList<Delivery>, Task<Settlement[]>> settle)
    {
        _settle = settle;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Adds a delivery to the next batch and waits for its result.</summary>
    public Task<Settlement> AddAsync(Delivery delivery)
    {
        // Continuations run in the loop: they are short and wait for nothing.
        var waiting = new Waiting(delivery, new TaskCompletionSource<Settlement>());
        _waiting.Writer.TryWrite(waiting);
        return waiting.Result.Task;
    }

    /// <summary>Settles what has been added, and ends.</summary>
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
            batch.Sort(static (one, other) => one.Delivery.Position.CompareTo(other.Delivery.Position));
            var results = await _settle([.. batch.Select(waiting => waiting.Delivery)]);
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

    private readonly record struct Waiting(Delivery Delivery, TaskCompletionSource<Settlement> Result);
}
