using EmailIngestion.Health;
using EmailIngestion.Mailboxes;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

public sealed class PollWatchTests
{
    private static readonly PollResult OwnFault = new(PollEnd.Failed, Error: "OutOfMemoryException") { IsOwnFault = true };
    private static readonly PollResult ServerFault = new(PollEnd.Failed, Error: "The server said NO.");
    private static readonly PollResult BackingOff = new(PollEnd.BackingOff);
    private static readonly PollResult Complete = new(PollEnd.Complete);

    private readonly FakeTimeProvider _time = new();
    private readonly Heartbeats _heartbeats;
    private readonly PollWatch _watch;

    public PollWatchTests()
    {
        _heartbeats = new Heartbeats(_time);
        _heartbeats.Beat(PollService.Loop, TimeSpan.MaxValue, isLoop: false);
        _watch = new PollWatch(_heartbeats, _time);
    }

    [Fact]
    public void Polls_that_fail_by_a_bug_of_ours_for_ten_minutes_are_stuck()
    {
        Poll(10, OwnFault, BackingOff);
        Assert.Empty(_heartbeats.Stuck());
        Poll(2, BackingOff, BackingOff);
        Assert.Equal(PollService.Loop, Assert.Single(_heartbeats.Stuck()).Loop);
        Poll(1, Complete, OwnFault);
        Assert.Empty(_heartbeats.Stuck());
    }

    [Fact]
    public void A_mail_server_that_fails_is_not_counted_as_our_bug()
    {
        Poll(30, ServerFault, BackingOff);
        Poll(30, ServerFault, OwnFault);
        Assert.Empty(_heartbeats.Stuck());
    }

    [Fact]
    public void A_timer_that_pauses_for_a_night_is_not_stuck()
    {
        Poll(5, OwnFault);
        _time.Advance(TimeSpan.FromHours(8));
        Assert.Empty(_heartbeats.Stuck());
        Poll(5, OwnFault);
        Assert.Empty(_heartbeats.Stuck());
    }

    // One poll each minute.
    private void Poll(int minutes, params PollResult[] results)
    {
        for (var minute = 0; minute < minutes; minute++)
        {
            _watch.Check(results);
            _time.Advance(TimeSpan.FromMinutes(1));
        }
    }
}
