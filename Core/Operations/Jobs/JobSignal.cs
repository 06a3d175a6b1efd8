namespace EmailIngestion.Operations.Jobs;

/// <summary>Wakes the runners of this process when it has created a job. Other processes look every few seconds.</summary>
internal sealed class JobSignal
{
    private TaskCompletionSource _next = New();

    /// <summary>Wakes all that wait.</summary>
    public void Set() => Interlocked.Exchange(ref _next, New()).TrySetResult();

    /// <summary>Waits for a signal, or for the time. It does not throw.</summary>
    public async Task WaitAsync(TimeSpan most, TimeProvider time, CancellationToken cancellationToken) =>
        await Volatile.Read(ref _next).Task.WaitAsync(most, time, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
