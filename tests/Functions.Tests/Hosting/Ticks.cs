using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Functions.Tests.Hosting;

/// <summary>A timer function for tests that records its calls.</summary>
public sealed class Ticks(Ticks.Log log)
{
    [Function("PollMailboxes")]
    public Task RunAsync([TimerTrigger("%POLL_SCHEDULE%")] TimerInfo timer, CancellationToken cancellationToken)
    {
        log.Runs.Add(timer);
        return log.Work(cancellationToken);
    }

    public sealed class Log
    {
        public IList<TimerInfo> Runs { get; } = [];

        public Func<CancellationToken, Task> Work { get; set; } = _ => Task.CompletedTask;
    }
}
