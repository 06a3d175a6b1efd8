namespace EmailIngestion.Functions.Tests.Support;

/// <summary>Waits for an effect, with a deadline.</summary>
internal static class Eventually
{
    // Far more than a slow machine needs: only a test that fails takes as long.
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string> what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Deadline)
                throw new TimeoutException($"Not within the time: {what()}.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), () => what);
}
