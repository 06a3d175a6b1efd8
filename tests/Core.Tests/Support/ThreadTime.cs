using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EmailIngestion.Core.Tests.Support;

/// <summary>The processor time of the running thread. The wait for a busy processor does not count.</summary>
internal static class ThreadTime
{
    // CLOCK_THREAD_CPUTIME_ID of Linux.
    private const int ThreadClock = 3;

    /// <summary>Measures work that stays on the running thread. Other systems than Linux measure the time on the clock.</summary>
    public static TimeSpan Of(Action work)
    {
        var started = Now();
        work();
        return Now() - started;
    }

    private static TimeSpan Now()
    {
        if (!OperatingSystem.IsLinux())
            return Stopwatch.GetElapsedTime(0);
        return GetTime(ThreadClock, out var time) == 0
            ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0)
            : throw new InvalidOperationException($"clock_gettime failed: {Marshal.GetLastPInvokeError()}.");
    }

    [DllImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetTime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Timespec
    {
        public readonly nint Seconds;
        public readonly nint Nanoseconds;
    }
}
