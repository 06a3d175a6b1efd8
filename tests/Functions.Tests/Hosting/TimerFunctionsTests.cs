using EmailIngestion.Configuration;
using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Local.Hosting;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Functions.Tests.Hosting;

public sealed class TimerFunctionsTests : IDisposable
{
    private static readonly DateTimeOffset Midnight = new(2024, 2, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Midnight);
    private readonly FakeLogger<TimerFunctions> _logger = new();
    private readonly Ticks.Log _log = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly FunctionDescriptor _function = new(
        "PollMailboxes", typeof(Ticks).GetMethod(nameof(Ticks.RunAsync))!, null, new TimerTriggerAttribute("%POLL_SCHEDULE%"));

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task It_fires_when_it_is_due()
    {
        var run = Run("0 * * * * *");
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Empty(_log.Runs);
        _time.Advance(TimeSpan.FromSeconds(1));
        var first = Assert.Single(_log.Runs);
        Assert.False(first.IsPastDue);
        Assert.Equal(Midnight.AddMinutes(2).UtcDateTime, first.ScheduleStatus!.Next);
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(2, _log.Runs.Count);
        Assert.Equal(Midnight.AddMinutes(1).UtcDateTime, _log.Runs[1].ScheduleStatus!.Last);
        await StopAsync(run);
    }

    [Fact]
    public async Task One_that_runs_at_the_start_says_when_it_is_due_next()
    {
        _time.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("here", TimeSpan.FromHours(2), null, null));
        SynchronizationContext.SetSynchronizationContext(null);
        using var timers = Timers(runAtStart: true);
        var run = timers.RunAsync(_function, TimerSchedule.Parse("0 */5 * * * *", _ => null), _stop.Token);
        Assert.Single(_log.Runs);
        Assert.Contains(
            "due next at 2024-02-01 02:05:00", Assert.Single(_logger.Collector.GetSnapshot()).Message, StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(2, _log.Runs.Count);
        Assert.Equal(1, _logger.Collector.Count);
        await StopAsync(run);
    }

    [Fact]
    public async Task Runs_do_not_overlap_and_missed_times_are_made_up_once()
    {
        var busy = new TaskCompletionSource();
        _log.Work = _ => busy.Task;
        var run = Run("0 * * * * *");
        _time.Advance(TimeSpan.FromMinutes(1));
        _time.Advance(TimeSpan.FromMinutes(3.5));
        Assert.Single(_log.Runs);

        _log.Work = _ => Task.CompletedTask;
        busy.SetResult();
        Assert.Equal(2, _log.Runs.Count);
        Assert.True(_log.Runs[1].IsPastDue);
        Assert.Equal(Midnight.AddMinutes(5).UtcDateTime, _log.Runs[1].ScheduleStatus!.Next);
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(2, _log.Runs.Count);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, _log.Runs.Count);
        Assert.False(_log.Runs[2].IsPastDue);
        await StopAsync(run);
    }

    [Fact]
    public async Task A_function_that_throws_fires_again()
    {
        _log.Work = _ => throw new InvalidOperationException("broken");
        var run = Run("0 * * * * *");
        _time.Advance(TimeSpan.FromMinutes(1));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(2, _log.Runs.Count);
        Assert.All(_logger.Collector.GetSnapshot(), record => Assert.Equal(LogLevel.Error, record.Level));
        Assert.Equal(2, _logger.Collector.Count);
        await StopAsync(run);
    }

    // A timer cannot be set more than 49 days ahead.
    [Theory]
    [InlineData("0 0 0 1 1 *", 335)]
    [InlineData("100.00:00:00", 100)]
    public async Task It_may_be_due_in_a_long_time(string schedule, int days)
    {
        var run = Run(schedule);
        for (var day = 1; day < days; day++)
            _time.Advance(TimeSpan.FromDays(1));
        Assert.False(run.IsCompleted);
        Assert.Empty(_log.Runs);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.False(Assert.Single(_log.Runs).IsPastDue);
        await StopAsync(run);
    }

    [Fact]
    public async Task A_schedule_that_never_comes_never_fires()
    {
        var run = Run("0 0 0 30 2 *");
        _time.Advance(TimeSpan.FromDays(1_000));
        Assert.Empty(_log.Runs);
        Assert.False(run.IsCompleted);
        await StopAsync(run);
    }

    [Fact]
    public async Task A_stop_cancels_the_run_and_ends_the_timer()
    {
        _log.Work = token => Task.Delay(Timeout.InfiniteTimeSpan, _time, token);
        var run = Run("0 * * * * *");
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Single(_log.Runs);
        await StopAsync(run);
        Assert.Equal(0, _logger.Collector.Count);
    }

    [Theory]
    [InlineData("AzureWebJobs.PollMailboxes.Disabled", "true")]
    [InlineData("AzureWebJobs.PollMailboxes.Disabled", "1")]
    [InlineData("AzureWebJobs:PollMailboxes:Disabled", "True")]
    public async Task A_function_that_is_disabled_never_fires(string setting, string value)
    {
        using var timers = Timers((setting, value));
        await timers.StartAsync(TestContext.Current.CancellationToken);
        await timers.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Empty(_log.Runs);
    }

    [Theory]
    [InlineData("AzureWebJobs.PollMailboxes.Disabled", "false")]
    [InlineData("AzureWebJobs.Other.Disabled", "true")]
    public async Task Any_other_fires(string setting, string value)
    {
        using var timers = Timers((setting, value));
        await timers.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(30));
                return _log.Runs.Count > 0;
            },
            "the timer fires");
        await timers.StopAsync(TestContext.Current.CancellationToken);
    }

    // Without a synchronization context every step runs on the thread that moves the clock, so no test has to wait.
    private Task Run(string schedule)
    {
        SynchronizationContext.SetSynchronizationContext(null);
        return Timers().RunAsync(_function, TimerSchedule.Parse(schedule, _ => null), _stop.Token);
    }

    private async Task StopAsync(Task run)
    {
        await _stop.CancelAsync();
        await run.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);
    }

    private TimerFunctions Timers(params (string Name, string Value)[] settings) => Timers(runAtStart: false, settings);

    private TimerFunctions Timers(bool runAtStart, params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(
            [
                new("POLL_SCHEDULE", "0 * * * * *"),
                .. settings.Select(setting => new KeyValuePair<string, string?>(setting.Name, setting.Value)),
            ])
            .Build();
        var services = new ServiceCollection().AddSingleton(_log).BuildServiceProvider();
        return new TimerFunctions([_function], services, configuration, _time, _logger) { RunAtStart = runAtStart };
    }
}
