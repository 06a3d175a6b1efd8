namespace EmailIngestion.Faults;

/// <summary>What was done to whom, and when: by it a second effect is explained or not.</summary>
internal sealed class FaultLog(TimeProvider time)
{
    // Between an effect and its settling lies a round trip, and one more where Redis or the machine is slow.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    // What a replica may not have yet when it takes over, and how long the consumers take to find it.
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(6);

    private readonly Lock _gate = new();
    private readonly List<Fault> _faults = [];

    public DateTimeOffset Now => time.GetUtcNow();

    public IReadOnlyList<Fault> All
    {
        get
        {
            lock (_gate)
                return [.. _faults];
        }
    }

    /// <summary>Notes a fault from now until the result is disposed.</summary>
    public Fault Begin(string kind, string target)
    {
        var fault = new Fault(kind, target, Now, this);
        lock (_gate)
            _faults.Add(fault);
        return fault;
    }

    /// <summary>The fault for which an effect of this worker at that time may not have been settled, so that it came a second time.</summary>
    public Fault? Explains(string worker, DateTimeOffset effect) => All.FirstOrDefault(fault => fault.Kind switch
    {
        FaultKind.Kill or FaultKind.Poison or FaultKind.Pause =>
            fault.Target == worker && effect > fault.Began - Settling && effect < fault.End + Settling,
        FaultKind.RedisCrash or FaultKind.RedisPause or FaultKind.Failover or FaultKind.Migration => effect > fault.Began - Before && effect < fault.End + After,
        _ => false,
    });
}

internal sealed class Fault(string kind, string target, DateTimeOffset began, FaultLog log) : IDisposable
{
    private DateTimeOffset? _ended;

    public string Kind => kind;

    public string Target => target;

    public DateTimeOffset Began => began;

    public DateTimeOffset End => _ended ?? log.Now;

    public void Dispose() => _ended ??= log.Now;
}

/// <summary>The kinds of faults.</summary>
internal static class FaultKind
{
    public const string Kill = "consumer killed";
    public const string Poison = "consumer killed by an email";
    public const string Terminate = "consumer stopped";
    public const string Pause = "consumer paused";
    public const string PollerKill = "poller killed";
    public const string PollerPause = "poller paused";
    public const string RedisCrash = "Redis killed";
    public const string RedisPause = "Redis paused";
    public const string Failover = "primary killed, failover";
    public const string Migration = "slot migrated";
    public const string Full = "Redis's memory full";
    public const string Scripts = "scripts flushed";
    public const string ServerCrash = "mail server killed";
    public const string Cut = "IMAP connection cut";
    public const string Outage = "receiver down";
}
