namespace EmailIngestion.DevServers;

/// <summary>The way both servers start: try, wait until it answers, take other ports if somebody was faster.</summary>
internal static class ServerStart
{
    private const int Attempts = 5;
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(200);

    /// <param name="start">Chooses the ports and starts the server.</param>
    /// <param name="ready">Whether this very server answers: another one may sit on its port.</param>
    /// <param name="time">The clock of every wait; a real one.</param>
    /// <param name="ct">Ends the wait, and the server with it.</param>
    public static async Task<ServerProcess> RunAsync(
        Func<ServerProcess> start, Func<ServerProcess, Task<bool>> ready, TimeProvider time, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var server = start();
            try
            {
                if (await AnswersAsync(server, ready, time, ct)) return server;
            }
            catch
            {
                server.Kill();
                await server.DisposeAsync();
                throw;
            }

            // The process is gone or useless by now; after this its output is complete.
            server.Kill();
            await server.DisposeAsync();
            if (attempt == Attempts || !server.LastOutput.Contains("Address already in use", StringComparison.Ordinal))
                throw new ServerStartException($"A server did not start. Its last words:\n{server.LastOutput}");
            await Task.Delay(BetweenAttempts, time, ct);
        }
    }

    private static async Task<bool> AnswersAsync(
        ServerProcess server, Func<ServerProcess, Task<bool>> ready, TimeProvider time, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        while (!server.HasExited && time.GetElapsedTime(started) < AnswersWithin)
        {
            if (await ready(server)) return true;
            await Task.Delay(AskEvery, time, ct);
        }

        return false;
    }
}
