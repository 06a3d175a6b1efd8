using System.Diagnostics;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>The system's clock, which throws for callers of one name: a fault of this program, wherever a test wants one.</summary>
internal sealed class FaultyTime : TimeProvider
{
    public const string Message = "A fault of ours.";

    private volatile string? _caller;
    private int _faults;

    /// <summary>How often it has thrown.</summary>
    public int Faults => Volatile.Read(ref _faults);

    /// <summary>A type or a method whose calls throw; null: none.</summary>
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
