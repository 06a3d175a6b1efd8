using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Health;

/// <summary>
/// Ends the process with exit code 1 for a fault that no retry mends. A background service that throws would end a Functions worker
/// with code 0, and its host would never start it again.
/// </summary>
internal sealed class ProcessExit(IHostApplicationLifetime lifetime, ILogger<ProcessExit> logger)
{
    private string? _reason;

    /// <summary>The reason is logged once, though several loops may find the same.</summary>
    public void Fail(string reason)
    {
        if (Interlocked.Exchange(ref _reason, reason) != reason)
            Log.Refused(logger, reason);
        Environment.ExitCode = 1;
        lifetime.StopApplication();
    }
}
