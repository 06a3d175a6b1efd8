namespace EmailIngestion.Telemetry;

/// <summary>What a process has done in one partition in some seconds.</summary>
internal sealed record TakenActivity(
    long Appended,
    long Settled,
    long DeadLettered,
    IReadOnlyList<(int Bucket, long Count)> QueueWait,
    IReadOnlyList<(int Bucket, long Count)> Processing)
{
    /// <summary>Whether an email was processed.</summary>
    public bool HasLatencies => QueueWait.Count + Processing.Count > 0;

    public bool IsEmpty => Appended + Settled + DeadLettered == 0 && !HasLatencies;
}
