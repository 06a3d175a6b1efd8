using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace EmailIngestion.Core.Tests.Support;

/// <summary>
/// Asserts that work takes time in proportion to its input. The reference is the same work on inputs of a twentieth of the size, twenty
/// times. It takes about as long if the time is linear (large objects cost a few times more), and a twentieth if it grows with the square.
/// Both are processor time, measured one after the other, so that a slow or busy machine slows both, and are repeated before a failure.
/// </summary>
internal static class LinearTime
{
    private const int Parts = 20;
    private const int MostTimes = 10;
    private const int Attempts = 6;

    private static readonly TimeSpan Enough = TimeSpan.FromMinutes(2);

    // Shorter times are noise.
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(10);

    /// <param name="size">The size of the large input.</param>
    /// <param name="input">Makes an input of a size. It is not measured.</param>
    /// <param name="work">The measured work. It gets each input once.</param>
    public static void Check<T>(int size, Func<int, T> input, Action<T> work)
    {
        // Compiles the code.
        work(input(size / Parts));
        var (parts, whole) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        var started = Stopwatch.GetTimestamp();
        for (var attempt = 0; attempt < Attempts && Stopwatch.GetElapsedTime(started) < Enough; attempt++)
        {
            parts = Min(parts, Time([.. Enumerable.Range(0, Parts).Select(_ => input(size / Parts))], work));
            whole = Min(whole, Time([input(size)], work));
            if (whole < Least || whole < parts * MostTimes)
                return;
        }

        Assert.Fail(string.Create(
            CultureInfo.InvariantCulture,
            $"{whole.TotalMilliseconds:0.0} ms for the whole input, and {parts.TotalMilliseconds:0.0} ms for its {Parts} parts."));
    }

    /// <summary>
    /// Does work until it once takes less than a time, at most for half a minute. Returns the fastest time: that of work without
    /// disturbances.
    /// </summary>
    public static TimeSpan Fastest(TimeSpan enough, Action work)
    {
        var fastest = TimeSpan.MaxValue;
        var started = Stopwatch.GetTimestamp();
        do
        {
            var begun = Stopwatch.GetTimestamp();
            work();
            fastest = Min(fastest, Stopwatch.GetElapsedTime(begun));
        }
        while (fastest >= enough && Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(30));

        return fastest;
    }

    private static TimeSpan Time<T>(T[] inputs, Action<T> work) => ThreadTime.Of(() => Array.ForEach(inputs, work));

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
