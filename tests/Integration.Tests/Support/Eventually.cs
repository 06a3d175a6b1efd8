using EmailIngestion.Redis;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>Waits for an effect, with a deadline.</summary>
internal static class Eventually
{
    // Far more than a slow machine needs: only a test that fails takes as long.
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what, TimeSpan? within = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > (within ?? Deadline))
                throw new TimeoutException($"Not within the time: {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    /// <summary>Waits for a task that may never end where the code is wrong.</summary>
    public static async Task<T> EndsAsync<T>(Task<T> task, string what)
    {
        await EndsAsync((Task)task, what);
        return await task;
    }

    /// <inheritdoc cref="EndsAsync{T}"/>
    public static async Task EndsAsync(Task task, string what)
    {
        await task.WaitAsync(Deadline, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!task.IsCompleted)
            throw new TimeoutException($"Not within the time: {what}.");
        await task;
    }

    /// <summary>
    /// Asks Redis again while it does not answer: a failover replaces the test's own connections too, and the commands on them fail.
    /// </summary>
    public static async Task<T> AnsweredAsync<T>(Func<Task<T>> ask)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ask();
            }
            catch (Exception e) when (RedisErrors.IsRedis(e) && attempt < 40)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
            }
        }
    }

    public static Task TrueAsync(Func<bool> condition, string what, TimeSpan? within = null) =>
        TrueAsync(() => Task.FromResult(condition()), what, within);
}
