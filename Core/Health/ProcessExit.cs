using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Health;

/// <summary>
/// Ends the process with exit code 1 after a fault that a retry cannot repair. A background service that throws would end a Functions
/// worker with exit code 0, and its host would not restart it.
/// </summary>
internal sealed class ProcessExit(IHostApplicationLifetime lifetime, ILogger<ProcessExit> logger)
{
    private string? _reason;

    /// <summary>Logs the reason and stops the process. The same reason from several loops is logged once.</summary>
    public void Fail(string reason)
    {
        if (Interlocked.Exchange(ref _reason, reason) != reason)
            Log.Refused(logger, reason);
        Environment.ExitCode = 1;
        lifetime.StopApplication();
    }
}
