using System.Globalization;
using EmailIngestion.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Mailboxes;

/// <summary>The entry point for the host's timer. It detects a timer that does not fire on schedule.</summary>
public sealed class PollTimer : IHostedService
{
    // A timer may be late after a long run and at the start of the host.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    private readonly PollService _polls;
    private readonly IOptions<PollTimerOptions> _options;
    private readonly IOptions<PollingOptions> _polling;
    private readonly TimeProvider _time;
    private DateTimeOffset _since;
    private TimerSchedule? _schedule;

    internal PollTimer(PollService polls, IOptions<PollTimerOptions> options, IOptions<PollingOptions> polling, TimeProvider time)
    {
        _polls = polls;
        _options = options;
        _polling = polling;
        _time = time;
    }

    /// <summary>The problem, if the timer has not fired on schedule; null otherwise.</summary>
    internal string? Problem
    {
        get
        {
            if (_schedule is null)
                return null;
            var due = Due(_schedule);
            return _time.GetUtcNow() <= due + Tolerance
                ? null
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"the timer has not called the poller since {_since:u}, though {PollTimerOptions.Setting} '{_options.Value.Schedule}' "
                    + $"was due at {due:u}: the host's log says why (AzureWebJobsStorage, another host with the timer's lock)");
        }
    }

    /// <summary>Polls every mailbox of this process without a running poll. It does not wait for slow mailboxes.</summary>
    public Task FireAsync(CancellationToken cancellationToken)
    {
        _since = _time.GetUtcNow();
        return _polls.FireAsync(cancellationToken);
    }

    Task IHostedService.StartAsync(CancellationToken cancellationToken)
    {
        _since = _time.GetUtcNow();
        if (_polling.Value.Polls && _options.Value is { Schedule: { Length: > 0 } schedule, IsDisabled: false })
            _schedule = TimerSchedule.Parse(schedule, _ => null);
        return Task.CompletedTask;
    }

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // A Functions host reads the schedule in its own time zone, Local in UTC. The later time of both causes no false alarm.
    private DateTimeOffset Due(TimerSchedule schedule)
    {
        var utc = new DateTimeOffset(schedule.Next(_since.UtcDateTime), TimeSpan.Zero);
        var zone = _time.LocalTimeZone;
        var local = schedule.Next(TimeZoneInfo.ConvertTime(_since, zone).DateTime);
        var there = new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
        return utc > there ? utc : there;
    }
}
