using System.Globalization;
using EmailIngestion.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Mailboxes;

/// <summary>What the host's timer calls. It notices when the timer does not call it by its schedule.</summary>
public sealed class PollTimer : IHostedService
{
    // A timer is late when its last run takes long, and when the host starts.
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

    /// <summary>Why the poller is not called; null while it is, or need not be.</summary>
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

    /// <summary>Polls every mailbox of this process that is not being polled already. It does not wait for slow mailboxes.</summary>
    public Task FireAsync(CancellationToken cancellationToken)
    {
        _since = _time.GetUtcNow();
        return _polls.FireAsync(cancellationToken);
    }

    Task IHostedService.StartAsync(CancellationToken cancellationToken)
    {
        _since = _time.GetUtcNow();
        var polls = _polling.Value is { Enabled: true, Mailboxes.Count: > 0 };
        if (polls && _options.Value is { Schedule: { Length: > 0 } schedule, IsDisabled: false })
            _schedule = TimerSchedule.Parse(schedule, _ => null);
        return Task.CompletedTask;
    }

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // A Functions host reads the schedule in its own time zone, Local in UTC: the later of both raises no false alarm.
    private DateTimeOffset Due(TimerSchedule schedule)
    {
        var utc = new DateTimeOffset(schedule.Next(_since.UtcDateTime), TimeSpan.Zero);
        var zone = _time.LocalTimeZone;
        var local = schedule.Next(TimeZoneInfo.ConvertTime(_since, zone).DateTime);
        var there = new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
        return utc > there ? utc : there;
    }
}
