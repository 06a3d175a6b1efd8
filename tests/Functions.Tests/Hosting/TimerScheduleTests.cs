using EmailIngestion.Configuration;
using EmailIngestion.Functions.Tests.Support;
using Xunit;

namespace EmailIngestion.Functions.Tests.Hosting;

public sealed class TimerScheduleTests(TestRedis redis)
{
    private static readonly DateTime Start = new(2024, 2, 28, 23, 59, 30, DateTimeKind.Utc);

    [Theory]
    [InlineData("0 * * * * *", "2024-02-29 00:00:00")]
    [InlineData("*/5 * * * * *", "2024-02-28 23:59:35")]
    [InlineData("* * * * *", "2024-02-29 00:00:00")]
    [InlineData("0 30 9 * * 1-5", "2024-02-29 09:30:00")]
    [InlineData("30 9 * * Mon", "2024-03-04 09:30:00")]
    [InlineData(" 0  0 12 29 2 * ", "2024-02-29 12:00:00")]
    [InlineData("00:00:30", "2024-02-29 00:00:00")]
    [InlineData("01:00:00", "2024-02-29 00:59:30")]
    [InlineData("2.00:00:00", "2024-03-01 23:59:30")]
    public void It_is_read_as_the_real_host_reads_it(string schedule, string next) =>
        Assert.Equal(next, TimerSchedule.Parse(schedule, _ => null).Next(Start).ToString("yyyy-MM-dd HH:mm:ss", null));

    [Fact]
    public void The_name_of_a_setting_stands_for_its_value()
    {
        var schedule = TimerSchedule.Parse("%POLL_SCHEDULE%", name => name == "POLL_SCHEDULE" ? "0 0 * * * *" : null);
        Assert.Equal(new DateTime(2024, 2, 29, 0, 0, 0, DateTimeKind.Utc), schedule.Next(Start));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("every minute")]
    [InlineData("60")]
    [InlineData("* * * *")]
    [InlineData("* * * * * * *")]
    [InlineData("0 61 * * * *")]
    [InlineData("00:00:00")]
    [InlineData("-00:00:30")]
    [InlineData("25:00:00:00:00")]
    public void Junk_is_refused_by_the_name_of_its_setting(string? junk)
    {
        var error = Assert.Throws<SettingsException>(() => TimerSchedule.Parse("%POLL_SCHEDULE%", _ => junk));
        Assert.StartsWith("POLL_SCHEDULE is ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        if (junk is not null)
            Assert.Contains($"'{junk}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Junk_stops_the_start_of_the_host()
    {
        var error = await Assert.ThrowsAsync<SettingsException>(
            () => TestHost.StartAsync(redis.ConnectionString, settings => settings["POLL_SCHEDULE"] = "every minute"));
        Assert.Contains("POLL_SCHEDULE is 'every minute'", error.Message, StringComparison.Ordinal);
    }
}
