using EmailIngestion.Health;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Core.Tests;

public sealed class HeartbeatsTests
{
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(2);

    private readonly FakeTimeProvider _time = new();
    private readonly Heartbeats _heartbeats;

    public HeartbeatsTests() => _heartbeats = new Heartbeats(_time);

    [Fact]
    public void A_process_without_loops_is_healthy()
    {
        Assert.Empty(_heartbeats.Silent());
        Assert.Empty(_heartbeats.Failing());
    }

    [Fact]
    public void A_loop_is_silent_after_the_time_it_named()
    {
        _heartbeats.Beat("a", Silence);
        _heartbeats.Beat("b", Silence * 2);
        _time.Advance(Silence);
        Assert.Empty(_heartbeats.Silent());
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(["a"], _heartbeats.Silent());
        _heartbeats.Beat("a", Silence);
        Assert.Empty(_heartbeats.Silent());
    }

    [Fact]
    public void A_loop_that_runs_without_success_is_alive_and_failing()
    {
        _heartbeats.Beat("a", Silence);
        Assert.Equal([("a", false)], _heartbeats.Failing());
        _heartbeats.Succeeded("a");
        Assert.Empty(_heartbeats.Failing());
        _time.Advance(Silence);
        _heartbeats.Beat("a", Silence);
        Assert.Empty(_heartbeats.Failing());
        _time.Advance(TimeSpan.FromTicks(1));
        _heartbeats.Beat("a", Silence);
        Assert.Equal([("a", true)], _heartbeats.Failing());
        Assert.Empty(_heartbeats.Silent());
    }

    [Fact]
    public void An_expected_loop_is_failing_until_its_first_success_and_silent_only_after_a_beat()
    {
        var heartbeats = new Heartbeats(_time, "a", "b");
        Assert.Equal([("a", false), ("b", false)], heartbeats.Failing().Order());
        heartbeats.Succeeded("b");
        heartbeats.Beat("b", Silence);
        heartbeats.Succeeded("b");
        Assert.Equal([("a", false)], heartbeats.Failing());
        _time.Advance(Silence * 100);
        Assert.Equal(["b"], heartbeats.Silent());

        heartbeats.Beat("a", Silence);
        Assert.Contains(("a", false), heartbeats.Failing());
        _time.Advance(Silence + TimeSpan.FromTicks(1));
        Assert.Contains("a", heartbeats.Silent());
    }

    [Fact]
    public void Work_of_a_timer_is_failing_when_its_first_pass_has_ended_without_success()
    {
        _heartbeats.Beat("a", TimeSpan.MaxValue, isLoop: false);
        Assert.Empty(_heartbeats.Failing());
        _heartbeats.Ended("a");
        Assert.Equal([("a", false)], _heartbeats.Failing());
        _heartbeats.Succeeded("a");
        Assert.Empty(_heartbeats.Failing());
    }

    [Fact]
    public void A_loop_that_has_ended_is_not_missed()
    {
        _heartbeats.Beat("a", Silence);
        _heartbeats.Remove("a");
        _heartbeats.Succeeded("a");
        _time.Advance(Silence * 10);
        Assert.Empty(_heartbeats.Silent());
        Assert.Empty(_heartbeats.Failing());
    }

    [Fact]
    public void A_loop_with_work_and_no_success_is_stuck_after_its_limit()
    {
        _heartbeats.Beat("a", Silence);
        _heartbeats.Waits("a", true, Silence);
        _time.Advance(Silence);
        _heartbeats.Waits("a", true, Silence);
        Assert.Empty(_heartbeats.Stuck());
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Empty(_heartbeats.Stuck());
        _heartbeats.Waits("a", true, Silence);
        Assert.Equal([("a", Silence + TimeSpan.FromTicks(1))], _heartbeats.Stuck());
    }

    [Fact]
    public void A_success_or_nothing_to_do_sets_the_wait_back()
    {
        _heartbeats.Beat("a", Silence);
        _heartbeats.Waits("a", true, Silence);
        _time.Advance(Silence);
        _heartbeats.Waits("a", false, Silence);
        _heartbeats.Waits("a", true, Silence);
        _time.Advance(Silence);
        _heartbeats.Waits("a", true, Silence);
        Assert.Empty(_heartbeats.Stuck());
        _time.Advance(TimeSpan.FromTicks(1));
        _heartbeats.Waits("a", true, Silence);
        Assert.NotEmpty(_heartbeats.Stuck());
        _heartbeats.Remove("a");
        Assert.Empty(_heartbeats.Stuck());
    }

    // An idle loop counts each of its passes as a success, also while work waits.
    [Fact]
    public void A_pass_of_the_loop_is_no_success_of_its_work()
    {
        _heartbeats.Beat("a", Silence);
        _heartbeats.Waits("a", true, Silence);
        _time.Advance(Silence * 2);
        _heartbeats.Beat("a", Silence);
        _heartbeats.Succeeded("a");
        _heartbeats.Waits("a", true, Silence);
        Assert.NotEmpty(_heartbeats.Stuck());
    }
}
