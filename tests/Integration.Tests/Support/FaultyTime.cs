using System.Diagnostics;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>The system's clock, which throws for callers with a given name. It simulates a fault of this program at any place.</summary>
internal sealed class FaultyTime : TimeProvider
{
    public const string Message = "A fault of ours.";

    private volatile string? _caller;
    private int _faults;

    /// <summary>The number of throws.</summary>
    public int Faults => Volatile.Read(ref _faults);

    /// <summary>The type or method whose calls throw; null for none.</summary>
    public string? Caller
    {
        set => _caller = value;
    }

    public override DateTimeOffset GetUtcNow()
    {
        Check();
        return base.GetUtcNow();
    }

    public override long GetTimestamp()
    {
        Check();
        return base.GetTimestamp();
    }

    private void Check()
    {
        if (_caller is not { } caller || !new StackTrace().ToString().Contains(caller, StringComparison.Ordinal))
            return;
        Interlocked.Increment(ref _faults);
        throw new InvalidCastException(Message);
    }
}
