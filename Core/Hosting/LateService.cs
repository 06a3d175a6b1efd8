using EmailIngestion.Health;
using Microsoft.Extensions.Hosting;

namespace EmailIngestion.Hosting;

/// <summary>
/// Starts a hosted service that no email waits for a second after the loops of this process have begun: the work of its first pass would
/// delay the first emails. Where a loop does not begin, such as without Redis, the service starts after a few seconds.
/// </summary>
internal sealed class LateService<TService>(TService service, Heartbeats heartbeats, TimeProvider time) : BackgroundService
    where TService : BackgroundService
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    // A loop has begun when it has read, and the emails that it has read are processed then.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly bool _waits = !heartbeats.HaveBegun;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_waits)
        {
            await heartbeats.UntilBegunAsync(LongestWait, stoppingToken);
            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (stoppingToken.IsCancellationRequested)
            return;
        await service.StartAsync(stoppingToken);
        // The host stops and watches this task only: a stop waits for the service, whose token ends with this one, and a failure of the
        // service ends the process as if the host had started it.
        await service.ExecuteTask!;
    }
}
