using EmailIngestion.Redis;

namespace EmailIngestion.Faults;

/// <summary>Runs observations periodically until it is disposed. An observation that fails during a fault is repeated.</summary>
internal sealed class Observer(TimeSpan interval, TimeProvider time) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _loops = [];

    public void Start(Func<CancellationToken, Task> observe) => _loops.Add(RunAsync(observe));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_loops);
        _stop.Dispose();
    }

    /// <summary>Runs one observation. A failure during a fault is ignored.</summary>
    public static async Task TryAsync(Func<Task> observe)
    {
        try
        {
            await observe();
        }
        catch (Exception e) when (RedisErrors.IsRedis(e) || e is OperationCanceledException or TimeoutException)
        {
            // A fault is active, or the run is over.
        }
    }

    private async Task RunAsync(Func<CancellationToken, Task> observe)
    {
        while (!_stop.IsCancellationRequested)
        {
            await TryAsync(() => observe(_stop.Token));
            await Task.Delay(interval, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
