using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.SignIn;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

public sealed class MailboxBackOffTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly MailboxBackOff _backOff;

    public MailboxBackOffTests() => _backOff = new MailboxBackOff(_time);

    [Fact]
    public async Task From_the_second_failure_in_a_row_on_the_back_off_doubles()
    {
        for (var i = 0; i < 20; i++)
            await SucceedAsync();
        await FailAsync();
        await FailAsync();
        double[] minutes = [0.5, 1, 2, 4, 8, 15, 15, 15];
        foreach (var expected in minutes)
            Assert.Equal(TimeSpan.FromMinutes(expected), await WaitAndTryAsync(Failure()));
    }

    [Fact]
    public async Task After_a_single_failure_the_next_poll_runs()
    {
        await SucceedAsync();
        await FailAsync();
        await SucceedAsync();
        await FailAsync();
        await SucceedAsync();
    }

    [Fact]
    public async Task A_success_in_between_starts_over()
    {
        await FailAsync();
        await FailAsync();
        await WaitAndTryAsync(Failure());
        await WaitAndTryAsync(null);
        await FailAsync();
        await FailAsync();
        Assert.Equal(TimeSpan.FromSeconds(30), await WaitAndTryAsync(Failure()));
    }

    [Fact]
    public async Task Cancelled_polls_and_Redis_outages_do_not_count()
    {
        for (var i = 0; i < 10; i++)
        {
            await ThrowAsync(new OperationCanceledException());
            await ThrowAsync(new RedisException("away"));
        }

        await SucceedAsync();
    }

    [Fact]
    public async Task Cancelled_polls_and_Redis_outages_between_two_failures_change_nothing()
    {
        await FailAsync();
        await ThrowAsync(new OperationCanceledException());
        await ThrowAsync(new RedisException("away"));
        await FailAsync();
        Assert.Equal(TimeSpan.FromSeconds(30), await WaitAndTryAsync(Failure()));
    }

    [Fact]
    public async Task A_poll_that_runs_elsewhere_does_not_reset_the_count()
    {
        await FailAsync();
        Assert.True(await TryAsync(null, PollEnd.Elsewhere));
        await FailAsync();
        Assert.Equal(TimeSpan.FromSeconds(30), await WaitAndTryAsync(null));
    }

    [Theory]
    [InlineData(90, 90)]
    [InlineData(3600, 3600)]
    [InlineData(null, 300)]
    public async Task Throttling_starts_the_back_off_at_once_for_as_long_as_the_server_says(int? says, int expected)
    {
        TimeSpan? backOff = says is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        await ThrowAsync(new MailboxThrottledException("enough", backOff, new IOException()));
        Assert.Equal(TimeSpan.FromSeconds(expected), await WaitAndTryAsync(null));
        await FailAsync();
        await SucceedAsync();
    }

    [Fact]
    public async Task The_description_names_the_end_and_the_failures()
    {
        _time.SetUtcNow(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));
        await FailAsync();
        Assert.Null(_backOff.Description);
        await FailAsync();
        Assert.Equal("until 03:04:35 UTC after 2 failures", _backOff.Description);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Null(_backOff.Description);
        await SucceedAsync();
        await ThrowAsync(new MailboxThrottledException("enough", TimeSpan.FromSeconds(60), new IOException()));
        Assert.Equal("until 03:05:35 UTC, because the server throttles it", _backOff.Description);
    }

    [Fact]
    public async Task What_the_server_has_asked_for_is_ended_by_nobody()
    {
        await ThrowAsync(new MailboxThrottledException("enough", TimeSpan.FromSeconds(60), new IOException()));
        Assert.True(_backOff.IsThrottled);
        _backOff.Resume();
        _backOff.EndAfterFailures();
        Assert.NotNull(_backOff.Until);
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.False(_backOff.IsThrottled);
        Assert.Null(_backOff.Until);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(7200)]
    public async Task A_wait_that_another_process_noted_ends_no_parking(int seconds)
    {
        await ThrowAsync(new SignInException(SignInFailure.Refused, "no"));
        _backOff.Throttle(_time.GetUtcNow().AddSeconds(seconds));

        Assert.Equal((true, true), (_backOff.IsParked, _backOff.IsThrottled));
        Assert.Equal(_time.GetUtcNow().AddSeconds(Math.Max(3600, seconds)), _backOff.Until);
        Assert.Equal(_time.GetUtcNow().AddSeconds(seconds), _backOff.ThrottledUntil);
        Assert.EndsWith("or its settings change", _backOff.Description, StringComparison.Ordinal);
        // Somebody corrects the account. The server still asks for the wait.
        _backOff.Resume();
        Assert.Equal((false, true), (_backOff.IsParked, _backOff.IsThrottled));
        Assert.Equal(TimeSpan.FromSeconds(seconds), await WaitAndTryAsync(null));
    }

    [Theory]
    [InlineData(60, 600)]
    [InlineData(1200, 1200)]
    public async Task A_wait_that_another_process_noted_shortens_no_other_one(int noted, int expected)
    {
        await ThrowAsync(new MailboxThrottledException("enough", TimeSpan.FromSeconds(600), new IOException()));
        _backOff.Throttle(_time.GetUtcNow().AddSeconds(noted));
        Assert.Equal(TimeSpan.FromSeconds(expected), await WaitAndTryAsync(null));
    }

    [Theory]
    [InlineData(10, 30)]
    [InlineData(60, 60)]
    public async Task A_wait_that_another_process_noted_shortens_no_back_off_after_failures(int noted, int expected)
    {
        await FailAsync();
        await FailAsync();
        _backOff.Throttle(_time.GetUtcNow().AddSeconds(noted));
        Assert.Equal(TimeSpan.FromSeconds(expected), await WaitAndTryAsync(null));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3 * 86_400)]
    public async Task A_wait_that_no_server_can_have_asked_for_changes_nothing(int seconds)
    {
        _time.SetUtcNow(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));
        _backOff.Throttle(_time.GetUtcNow().AddSeconds(seconds));
        Assert.Null(_backOff.Until);
        await SucceedAsync();
    }

    [Fact]
    public async Task A_resumed_mailbox_ends_its_parking_and_its_back_off_after_failures()
    {
        await ThrowAsync(new SignInException(SignInFailure.Refused, "no"));
        _backOff.Resume();
        Assert.Equal((false, null), (_backOff.IsParked, _backOff.Until));
        await FailAsync();
        await FailAsync();
        _backOff.Resume();
        await SucceedAsync();
    }

    [Fact]
    public async Task A_mailbox_that_is_parked_after_throttling_can_be_resumed()
    {
        await ThrowAsync(new MailboxThrottledException("enough", TimeSpan.FromSeconds(60), new IOException()));
        _time.Advance(TimeSpan.FromSeconds(60));
        await ThrowAsync(new SignInException(SignInFailure.Refused, "no"));
        Assert.Equal((true, false), (_backOff.IsParked, _backOff.IsThrottled));
        _backOff.Resume();
        Assert.Equal((false, null), (_backOff.IsParked, _backOff.Until));
        await SucceedAsync();
    }

    [Fact]
    public async Task A_refused_sign_in_parks_the_mailbox_for_an_hour_or_until_it_is_resumed()
    {
        _time.SetUtcNow(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));
        for (var hour = 4; hour < 7; hour++)
        {
            await ThrowAsync(new SignInException(SignInFailure.Refused, "no"));
            Assert.Equal((true, $"until 0{hour}:04:05 UTC or its settings change"), (_backOff.IsParked, _backOff.Description));
            _time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(1));
            Assert.Equal(
                PollEnd.Parked, (await _backOff.ExecuteAsync(_ => throw new InvalidOperationException(), CancellationToken.None)).End);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        await ThrowAsync(new MailboxException("The server is away."));
        Assert.False(_backOff.IsParked);
        await ThrowAsync(new SignInException(SignInFailure.Refused, "no"));

        _backOff.Reset();
        Assert.Equal((false, null), (_backOff.IsParked, _backOff.Description));
        await SucceedAsync();
    }

    [Theory]
    [InlineData(SignInFailure.Unavailable)]
    [InlineData(SignInFailure.Unreadable)]
    internal async Task A_sign_in_that_may_work_later_backs_off(SignInFailure failure)
    {
        await ThrowAsync(new SignInException(failure, "no"));
        await ThrowAsync(new SignInException(failure, "no"));
        Assert.False(_backOff.IsParked);
        Assert.Equal(TimeSpan.FromSeconds(30), await WaitAndTryAsync(null));
    }

    private static MailboxException Failure() => new("no");

    private async Task SucceedAsync() => Assert.True(await TryAsync(null));

    private Task FailAsync() => ThrowAsync(Failure());

    private async Task ThrowAsync(Exception error) => Assert.True(await TryAsync(error));

    // Whether the poll ran. Its error passes through, and without a run the result says why.
    private async Task<bool> TryAsync(Exception? error, PollEnd end = PollEnd.Complete)
    {
        var ran = false;
        var execution = _backOff.ExecuteAsync(
            _ =>
            {
                ran = true;
                return error is null ? Task.FromResult(new PollResult(end)) : Task.FromException<PollResult>(error);
            },
            CancellationToken.None);
        if (ran && error is not null)
            Assert.Same(error, await Assert.ThrowsAnyAsync<Exception>(() => execution));
        else
            Assert.Equal(ran ? end : PollEnd.BackingOff, (await execution).End);
        return ran;
    }

    private async Task<TimeSpan> WaitAndTryAsync(Exception? error)
    {
        var started = _time.GetTimestamp();
        while (_time.GetElapsedTime(started) < TimeSpan.FromHours(2))
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            if (await TryAsync(error))
                return _time.GetElapsedTime(started);
        }

        throw new TimeoutException("The back-off does not end.");
    }
}
