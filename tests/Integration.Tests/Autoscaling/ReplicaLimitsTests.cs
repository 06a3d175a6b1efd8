using EmailIngestion.Local.Autoscaling;
using Xunit;

namespace EmailIngestion.Integration.Tests.Autoscaling;

public sealed class ReplicaLimitsTests
{
    // The example in the documentation of Kubernetes: 4 Pods or 10 % a minute, the larger of the two. 10 % are rounded in favour of the
    // change (8 of 72).
    [Fact]
    public void Ten_percent_or_four_a_minute_from_80_down()
    {
        var hpa = new Hpa(Hpa.Spec(behavior: Hpa.Behavior(down: Hpa.Rules(0, PolicySelect.Max, Hpa.Pods(4, 60), Hpa.Percent(10, 60)))), 80);
        int[] seen = [.. Enumerable.Range(0, 14).Select(_ => hpa.After(60).Decide(10))];
        Assert.Equal([72, 64, 57, 51, 45, 40, 36, 32, 28, 24, 20, 16, 12, 10], seen);
    }

    [Fact]
    public void Min_selects_the_smallest_change_of_several()
    {
        var hpa = new Hpa(Hpa.Spec(behavior: Hpa.Behavior(down: Hpa.Rules(0, PolicySelect.Min, Hpa.Pods(4, 60), Hpa.Percent(10, 60)))), 80);
        Assert.Equal(76, hpa.Decide(10));
        hpa = new Hpa(Hpa.Spec(behavior: Hpa.Behavior(Hpa.Rules(0, PolicySelect.Min, Hpa.Pods(4, 60), Hpa.Percent(10, 60)))), 80);
        Assert.Equal(84, hpa.Decide(200));
    }

    [Fact]
    public void A_period_allows_its_change_once_however_often_is_decided()
    {
        var hpa = new Hpa(Hpa.Spec(behavior: Hpa.Behavior(Hpa.Rules(0, PolicySelect.Max, Hpa.Pods(2, 60)))), 1);
        int[] seen = [.. Enumerable.Range(0, 9).Select(_ => hpa.After(15).Decide(9))];
        Assert.Equal([3, 3, 3, 3, 5, 5, 5, 5, 7], seen);
    }

    [Fact]
    public void A_period_counts_from_its_beginning_up_and_down_together()
    {
        var rules = Hpa.Rules(0, PolicySelect.Max, Hpa.Pods(2, 60));
        var hpa = new Hpa(Hpa.Spec(behavior: Hpa.Behavior(rules, rules)), 4);
        Assert.Equal(6, hpa.After(10).Decide(9));
        // Two less than the four at the beginning of the period.
        Assert.Equal(2, hpa.After(10).Decide(1));
        Assert.Equal(6, hpa.After(10).Decide(9));
        Assert.Equal(6, hpa.After(10).Decide(9));
    }

    [Fact]
    public void A_percentage_of_one_still_adds_one()
    {
        var hpa = new Hpa(Hpa.Spec(behavior: Hpa.Behavior(Hpa.Rules(0, PolicySelect.Max, Hpa.Percent(10, 15)))), 1);
        int[] seen = [.. Enumerable.Range(0, 4).Select(_ => hpa.After(15).Decide(100))];
        Assert.Equal([2, 3, 4, 5], seen);
    }

    [Fact]
    public void A_direction_that_is_disabled_changes_nothing()
    {
        var off = Hpa.Rules(0, PolicySelect.Disabled, Hpa.Pods(9, 15));
        Assert.Equal(4, new Hpa(Hpa.Spec(behavior: Hpa.Behavior(off)), 4).Decide(9));
        Assert.Equal(4, new Hpa(Hpa.Spec(behavior: Hpa.Behavior(down: off)), 4).After(400).Decide(1));
    }

    [Fact]
    public void KEDAs_own_changes_use_up_no_allowance()
    {
        var hpa = new Hpa(Hpa.Spec(least: 0, behavior: Hpa.Behavior(Hpa.Rules(0, PolicySelect.Max, Hpa.Pods(2, 60)))), 0);
        Assert.Equal(0, hpa.Decide(9));
        hpa.Replicas = 1;
        Assert.Equal(3, hpa.After(1).Decide(9));
    }
}
