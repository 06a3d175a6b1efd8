using EmailIngestion.Configuration;
using EmailIngestion.Hosting;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Local.Hosting;

/// <summary>
/// Fires the timer functions. A run that outlasts its schedule is not overtaken: what it misses is made good by one run, marked past due.
/// </summary>
internal sealed partial class TimerFunctions(
    IReadOnlyList<FunctionDescriptor> functions, IServiceProvider services, IConfiguration configuration, TimeProvider time, ILogger<TimerFunctions> logger)
    : BackgroundService
{
    private const string PollSchedule = "POLL_SCHEDULE";

    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);

    /// <summary>Runs each timer function at the start, before it is due, and says when it is due next. Default false.</summary>
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
            TellNext(function, schedule, next);
        while (!stop.IsCancellationRequested)
        {
            var wait = next - time.GetUtcNow().UtcDateTime;
            await WaitAsync(next, stop);
            if (stop.IsCancellationRequested)
                return;

            // Due before the last run had ended: past due, once, however often.
            var due = next;
            var isPastDue = wait < TimeSpan.Zero;
            next = schedule.Next(isPastDue ? time.GetUtcNow().UtcDateTime : due);
            await InvokeAsync(
                function,
                new TimerInfo { IsPastDue = isPastDue, ScheduleStatus = new ScheduleStatus { Last = last, Next = next, LastUpdated = last } },
                stop);
            last = due;
        }
    }

    // By the clock on the wall, as the log's own times. What has become due meanwhile runs at once.
    private void TellNext(FunctionDescriptor function, TimerSchedule schedule, DateTime next)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var due = next > now ? next : schedule.Next(now);
        LogNext(logger, function.Name, TimeZoneInfo.ConvertTimeFromUtc(due, time.LocalTimeZone), configuration[PollSchedule] ?? "");
    }

    // In pieces: a timer cannot be set further ahead than 49 days, and January may be further away than that.
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
            // As in the real host: a failed run is reported, and the timer fires again.
            LogFailed(logger, function.Name, e);
        }
    }

    private TimerSchedule Parse(FunctionDescriptor function) => TimerSchedule.Parse(function.Timer!.Schedule, name => configuration[name]);

    private bool IsDisabled(FunctionDescriptor function) => FunctionSwitch.IsDisabled(configuration, function.Name);

    [LoggerMessage(
        EventId = 401, Level = LogLevel.Information,
        Message = "{Function} has run at the start; it is due next at {Next:yyyy-MM-dd HH:mm:ss} (POLL_SCHEDULE '{Schedule}').")]
    private static partial void LogNext(ILogger logger, string function, DateTime next, string schedule);

    [LoggerMessage(EventId = 400, Level = LogLevel.Error, Message = "Function {Function} failed.")]
    private static partial void LogFailed(ILogger logger, string function, Exception error);
}
