using Xunit;

namespace EmailIngestion.Core.Tests.Support;

/// <summary>Blocks the threads that pass it until the test opens it, as a file system that hangs does.</summary>
internal sealed class BlockingGate : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly ManualResetEventSlim _open = new();
    private readonly SemaphoreSlim _blocks = new(0);

    /// <summary>Blocks the calling thread.</summary>
    public void Block()
    {
        _blocks.Release();
        _open.Wait(CancellationToken.None);
    }

    /// <summary>Waits until one more thread blocks.</summary>
    public async Task BlocksAsync() => Assert.True(await _blocks.WaitAsync(Deadline, TestContext.Current.CancellationToken));

    /// <summary>Lets all go on.</summary>
    public void Open() => _open.Set();

    /// <summary>Lets all go on. The gate itself stays, since a thread may still leave it.</summary>
    public void Dispose() => Open();
}
