using System.Diagnostics;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>The system's clock, which holds the next reader of the time in a given method. It shows what happens before that goes on.</summary>
internal sealed class HeldTime(string method) : TimeProvider, IDisposable
{
    private readonly ManualResetEventSlim _goesOn = new();
    private int _holds;
    private volatile bool _isHeld;

    /// <summary>Whether a reader is held.</summary>
    public bool IsHeld => _isHeld;

    /// <summary>Holds the next reader.</summary>
    public void Hold() => Volatile.Write(ref _holds, 1);

    /// <summary>Lets it go on.</summary>
    public void Release() => _goesOn.Set();

    public override DateTimeOffset GetUtcNow()
    {
        if (Volatile.Read(ref _holds) == 1 && new StackTrace().ToString().Contains(method, StringComparison.Ordinal)
            && Interlocked.Exchange(ref _holds, 0) == 1)
        {
            _isHeld = true;
            _goesOn.Wait(TimeSpan.FromMinutes(3));
        }

        return base.GetUtcNow();
    }

    public void Dispose()
    {
        _goesOn.Set();
        _goesOn.Dispose();
    }
}
