using EmailIngestion.Configuration;
using EmailIngestion.Hosting;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Local.Hosting;

/// <summary>
/// Runs the timer functions by their schedules. Runs of one function do not overlap: after a run that took too long, one run marked past
/// due replaces the missed runs.
/// </summary>
internal sealed partial class TimerFunctions(
    IReadOnlyList<FunctionDescriptor> functions,
    IServiceProvider services,
    IConfiguration configuration,
    TimeProvider time,
    ILogger<TimerFunctions> logger)
    : BackgroundService
{
    private const string PollSchedule = "POLL_SCHEDULE";

    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);

    /// <summary>Runs each timer function once at the start, and logs the next due time. Default false.</summary>
    public bool RunAtStart { get; init; }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enabled.Select(function => RunAsync(function, Parse(function), stoppingToken)));

    private IEnumerable<FunctionDescriptor> Enabled => functions.Where(function => function.Timer is not null && !IsDisabled(function));

    internal async Task RunAsync(FunctionDescriptor function, TimerSchedule schedule, CancellationToken stop)
    {
        var last = time.GetUtcNow().UtcDateTime;
        var next = schedule.Next(last);
        if (function.Timer!.RunOnStartup || RunAtStart)
            await InvokeAsync(function, new TimerInfo(), stop);
        if (RunAtStart && !stop.IsCancellationRequested)
            ReportNext(function, schedule, next);
        while (!stop.IsCancellationRequested)
        {
            var wait = next - time.GetUtcNow().UtcDateTime;
            await WaitAsync(next, stop);
            if (stop.IsCancellationRequested)
                return;

            // The time passed during the last run: one run, marked past due, replaces all missed runs.
            var due = next;
            var isPastDue = wait < TimeSpan.Zero;
            next = schedule.Next(isPastDue ? time.GetUtcNow().UtcDateTime : due);
            await InvokeAsync(
                function,
                new TimerInfo
                {
                    IsPastDue = isPastDue,
                    ScheduleStatus = new ScheduleStatus { Last = last, Next = next, LastUpdated = last },
                },
                stop);
            last = due;
        }
    }

    // Local time, as in the log. A run that is due already starts at once, so the next time is in the future.
    private void ReportNext(FunctionDescriptor function, TimerSchedule schedule, DateTime next)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var due = next > now ? next : schedule.Next(now);
        LogNext(logger, function.Name, TimeZoneInfo.ConvertTimeFromUtc(due, time.LocalTimeZone), configuration[PollSchedule] ?? "");
    }

    // Waits in parts, because a timer is limited to 49 days and a schedule is not.
    private async Task WaitAsync(DateTime due, CancellationToken stop)
    {
        while (due - time.GetUtcNow().UtcDateTime is var wait && wait > TimeSpan.Zero && !stop.IsCancellationRequested)
            await Task.Delay(wait < LongestDelay ? wait : LongestDelay, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task InvokeAsync(FunctionDescriptor function, TimerInfo timer, CancellationToken stop)
    {
        try
        {
            await function.InvokeAsync(services, null, timer, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The host stops.
        }
        catch (Exception e)
        {
            // As under the Functions host: a failed run is logged, and the timer fires again.
            LogFailed(logger, function.Name, e);
        }
    }

    private TimerSchedule Parse(FunctionDescriptor function) => TimerSchedule.Parse(function.Timer!.Schedule, name => configuration[name]);

    private bool IsDisabled(FunctionDescriptor function) => FunctionSwitch.IsDisabled(configuration, function.Name);

    [LoggerMessage(
        EventId = 401, Level = LogLevel.Information,
        Message = "Ran {Function} at the start. It is due next at {Next:yyyy-MM-dd HH:mm:ss} (POLL_SCHEDULE '{Schedule}').")]
    private static partial void LogNext(ILogger logger, string function, DateTime next, string schedule);

    [LoggerMessage(EventId = 400, Level = LogLevel.Error, Message = "Function {Function} failed.")]
    private static partial void LogFailed(ILogger logger, string function, Exception error);
}
