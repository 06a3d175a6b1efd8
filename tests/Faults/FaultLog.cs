namespace EmailIngestion.Faults;

/// <summary>Records the injected faults with their targets and times.</summary>
internal sealed class FaultLog(TimeProvider time)
{
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

    /// <summary>Records a fault from now until the result is disposed.</summary>
    public Fault Begin(string kind, string target)
    {
        var fault = new Fault(kind, target, Now, this);
        lock (_gate)
            _faults.Add(fault);
        return fault;
    }
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
    public const string Stop = "grace time of a stop";
    public const string Pause = "consumer paused";
    public const string PollerKill = "poller killed";
    public const string PollerPause = "poller paused";
    public const string Unconfirmed = "poller killed unconfirmed";
    public const string RedisCrash = "Redis killed";
    public const string RedisPause = "Redis paused";
    public const string Failover = "primary killed, failover";
    public const string Migration = "slot migrated";
    public const string Full = "Redis's memory full";
    public const string Scripts = "scripts flushed";
    public const string ServerCrash = "mail server killed";
    public const string Cut = "IMAP connection cut";
    public const string GroupDeleted = "group deleted";
    public const string FormerOwner = "former owner comes back";
    public const string Waits = "one email of each mailbox waits";
    public const string Outage = "receiver down";
    public const string NameTaken = "consumer's name taken";
    public const string Empty = "Redis comes back empty";
}
