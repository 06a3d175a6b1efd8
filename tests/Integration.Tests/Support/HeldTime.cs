using System.Diagnostics;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>
/// The system's clock, which holds the next reader of the time that an asynchronous method of a type calls. It shows what happens before
/// that goes on.
/// </summary>
internal sealed class HeldTime(Type type) : TimeProvider, IDisposable
{
    private readonly ManualResetEventSlim _goesOn = new();
    private int _holds;
    private volatile bool _isHeld;

    /// <summary>Whether a reader is held.</summary>
    public bool IsHeld => _isHeld;

    // An asynchronous method is a nested type, whose code is never inlined into the caller's.
    private bool IsCalled => new StackTrace().GetFrames().Any(frame => frame.GetMethod()?.DeclaringType?.DeclaringType == type);

    /// <summary>Holds the next reader.</summary>
    public void Hold() => Volatile.Write(ref _holds, 1);

    /// <summary>Lets it go on.</summary>
    public void Release() => _goesOn.Set();

    public override DateTimeOffset GetUtcNow()
    {
        if (Volatile.Read(ref _holds) == 1 && IsCalled && Interlocked.Exchange(ref _holds, 0) == 1)
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
