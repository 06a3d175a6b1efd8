namespace EmailIngestion.DevServers;

/// <summary>Waits for a condition on several servers.</summary>
internal static class ServerWait
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(50);

    /// <exception cref="ServerStartException">The condition is not met within three minutes.</exception>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what, TimeProvider time, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        while (!await condition())
        {
            if (time.GetElapsedTime(started) > AnswerTimeout) throw new ServerStartException($"Timed out after three minutes: {what}.");
            await Task.Delay(AskEvery, time, ct);
        }
    }
}
