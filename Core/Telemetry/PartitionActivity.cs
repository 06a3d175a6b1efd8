namespace EmailIngestion.Telemetry;

/// <summary>What this process has done in one partition: counts since they were last taken, and latencies of the last minutes.</summary>
internal sealed class PartitionActivity(TimeProvider time)
{
    private long _appended;
    private long _settled;
    private long _deadLettered;

    /// <summary>From the append to the start of processing.</summary>
    public LatencyWindow QueueWait { get; } = new(time);

    /// <summary>The time in the processor.</summary>
    public LatencyWindow Processing { get; } = new(time);

    public void Add(long appended, long settled, long deadLettered)
    {
        Interlocked.Add(ref _appended, appended);
        Interlocked.Add(ref _settled, settled);
        Interlocked.Add(ref _deadLettered, deadLettered);
    }

    /// <summary>Takes the counts, which start again at 0.</summary>
    public (long Appended, long Settled, long DeadLettered) Take() =>
        (Interlocked.Exchange(ref _appended, 0), Interlocked.Exchange(ref _settled, 0), Interlocked.Exchange(ref _deadLettered, 0));
}
