using EmailIngestion.Hosting;
using EmailIngestion.Mailboxes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Functions.Tests.Hosting;

public sealed class PollTimerTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 30, TimeSpan.Zero));

    [Fact]
    public async Task A_poller_that_nothing_calls_is_not_ready_after_its_schedule_and_a_minute()
    {
        using var host = await StartAsync();
        _time.Advance(TimeSpan.FromSeconds(90));
        Assert.Null(Problem(host));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.StartsWith(
            "the timer has not called the poller since 2026-01-01 12:00:30Z, "
            + "though POLL_SCHEDULE '0 * * * * *' was due at 2026-01-01 12:01:00Z",
            Problem(host),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_makes_it_ready_again_until_the_next_is_missing()
    {
        using var host = await StartAsync();
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.NotNull(Problem(host));

        // The timer is called, and stopped before the end of the poll.
        var timer = host.Services.GetRequiredService<PollTimer>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => timer.FireAsync(new CancellationToken(true)));
        Assert.Null(Problem(host));
        _time.Advance(TimeSpan.FromMinutes(3));
        Assert.NotNull(Problem(host));
    }

    [Fact]
    public async Task A_schedule_of_once_a_day_is_waited_for()
    {
        using var host = await StartAsync(("POLL_SCHEDULE", "0 0 3 * * *"));
        _time.Advance(TimeSpan.FromHours(15));
        Assert.Null(Problem(host));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.NotNull(Problem(host));
    }

    [Fact]
    public async Task A_schedule_in_the_hosts_time_zone_is_waited_for_too()
    {
        _time.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("west", TimeSpan.FromHours(-8), "west", "west"));
        using var host = await StartAsync(("POLL_SCHEDULE", "0 0 3 * * *"));
        _time.Advance(TimeSpan.FromHours(22));
        Assert.Null(Problem(host));
        _time.Advance(TimeSpan.FromHours(2));
        Assert.NotNull(Problem(host));
    }

    [Theory]
    [InlineData("Polling:Enabled", "false")]
    [InlineData("AzureWebJobs.PollMailboxes.Disabled", "true")]
    [InlineData("AzureWebJobs:PollMailboxes:Disabled", "1")]
    public async Task A_process_that_does_not_poll_needs_no_schedule_and_no_call(string setting, string value)
    {
        using var host = await StartAsync((setting, value), ("POLL_SCHEDULE", "never"));
        IngestionHost.Validate(host);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Null(Problem(host));
    }

    [Theory]
    [InlineData("never", "POLL_SCHEDULE is 'never': it must be NCRONTAB")]
    [InlineData("* * *", "POLL_SCHEDULE is '* * *': it must be NCRONTAB")]
    [InlineData("", "POLL_SCHEDULE is missing")]
    public void A_schedule_that_cannot_be_read_stops_the_start(string schedule, string says)
    {
        using var host = Build(("POLL_SCHEDULE", schedule));
        var error = Assert.ThrowsAny<Exception>(() => IngestionHost.Validate(host));
        Assert.StartsWith($"Settings: {says}", Assert.Single(IngestionHost.Explain(error)!), StringComparison.Ordinal);
    }

    private static string? Problem(IHost host) => host.Services.GetRequiredService<PollTimer>().Problem;

    // The services of the poller are not started, so nothing calls it.
    private async Task<IHost> StartAsync(params (string Name, string Value)[] settings)
    {
        var host = Build(settings);
        await ((IHostedService)host.Services.GetRequiredService<PollTimer>()).StartAsync(CancellationToken.None);
        return host;
    }

    private IHost Build(params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
        [
            new("Streams:ConnectionString", "127.0.0.1:1,abortConnect=false"),
            new("Mailboxes:0:Username", "ann@example.org"),
            new("Mailboxes:0:Password", "secret"),
            new("POLL_SCHEDULE", "0 * * * * *"),
        ]);
        foreach (var (name, value) in settings)
            builder.Configuration[name] = value;
        builder.Services.AddSingleton<TimeProvider>(_time);
        builder.Services.AddEmailIngestion(builder.Configuration).AddPollTimer(builder.Configuration);
        return builder.Build();
    }
}
