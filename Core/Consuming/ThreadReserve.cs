namespace EmailIngestion.Consuming;

/// <summary>
/// Raises the minimum of the thread pool when processors block its threads. Above its minimum the pool adds threads one at a time, and
/// seconds apart while the CPU is busy: renewals and settlements would wait, and leases would expire. A thread outside the pool detects
/// this.
/// </summary>
/// <param name="most">The maximum number of threads that processors can block.</param>
internal sealed class ThreadReserve(Func<int> most) : IDisposable
{
    private const int Step = 8;

    // A thread takes at most one megabyte.
    private const int Limit = 500;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(500);

    private readonly ManualResetEventSlim _stop = new();
    private readonly AutoResetEvent _ran = new(initialState: false);

    public void Start() => new Thread(Run) { IsBackground = true, Name = "thread reserve" }.Start();

    public void Dispose() => _stop.Set();

    private void Run()
    {
        while (!_stop.Wait(Interval))
        {
            ThreadPool.UnsafeQueueUserWorkItem(static reserve => reserve._ran.Set(), this, preferLocal: false);
            while (!_ran.WaitOne(Late) && !_stop.IsSet)
                Raise();
        }
    }

    private void Raise()
    {
        ThreadPool.GetMinThreads(out var workers, out var ports);
        var raised = Math.Min(Math.Min(Limit, Environment.ProcessorCount + most()), workers + Step);
        if (raised > workers)
            ThreadPool.SetMinThreads(raised, ports);
    }
}
