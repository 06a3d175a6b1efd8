namespace EmailIngestion.DevServers;

/// <summary>Starts a server: waits until it answers, and tries again with other ports if a port is taken.</summary>
internal static class ServerStart
{
    private const int Attempts = 5;
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(200);

    /// <param name="start">Chooses the ports and starts the server.</param>
    /// <param name="ready">Whether this server answers, and not another one on its port.</param>
    /// <param name="time">The clock of the waits; must be a real one.</param>
    /// <param name="ct">Cancels the wait and ends the server.</param>
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

            // The process has ended or does not answer. After these two calls its output is complete.
            server.Kill();
            await server.DisposeAsync();
            if (attempt == Attempts || !server.LastOutput.Contains("Address already in use", StringComparison.OrdinalIgnoreCase))
                throw new ServerStartException($"A server did not start. Its last lines:\n{server.LastOutput}");
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
