namespace EmailIngestion.DevServers;

/// <summary>Waits for what several servers have to agree on.</summary>
internal static class ServerWait
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(50);

    /// <exception cref="ServerStartException">Not within a minute.</exception>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what, TimeProvider time, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        while (!await condition())
        {
            if (time.GetElapsedTime(started) > AnswerTimeout) throw new ServerStartException($"Not within a minute: {what}.");
            await Task.Delay(AskEvery, time, ct);
        }
    }
}
