using EmailIngestion.Redis;

namespace EmailIngestion.Faults;

/// <summary>Looks again and again, until it is disposed of. What fails while a fault is at work is looked at again.</summary>
internal sealed class Lookout(TimeSpan interval, TimeProvider time) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _loops = [];

    public void Start(Func<CancellationToken, Task> look) => _loops.Add(RunAsync(look));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_loops);
        _stop.Dispose();
    }

    /// <summary>One look, unless a fault is in its way.</summary>
    public static async Task TryAsync(Func<Task> look)
    {
        try
        {
            await look();
        }
        catch (Exception e) when (RedisErrors.IsRedis(e) || e is OperationCanceledException or TimeoutException)
        {
            // A fault is at work, or the run is over.
        }
    }

    private async Task RunAsync(Func<CancellationToken, Task> look)
    {
        while (!_stop.IsCancellationRequested)
        {
            await TryAsync(() => look(_stop.Token));
            await Task.Delay(interval, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
