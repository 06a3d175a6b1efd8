using EmailIngestion.Local.Autoscaling;
using Xunit;

namespace EmailIngestion.Integration.Tests.Autoscaling;

public sealed class HorizontalAutoscalerTests
{
    [Fact]
    public void The_largest_of_the_metrics_counts() => Assert.Equal(3, new Hpa(Hpa.Spec(), 1).Decide(2, 3, 1));

    [Fact]
    public void It_is_off_at_0()
    {
        var hpa = new Hpa(Hpa.Spec(least: 0), 0);
        Assert.Equal(0, hpa.Decide(8));
        Assert.Equal("off at 0", hpa.Why);
    }

    [Theory]
    [InlineData(0, 8, 5, 0, 1)]
    [InlineData(2, 8, 5, 0, 2)]
    [InlineData(1, 8, 5, 100, 8)]
    // A number out of bounds is corrected before any metric is read.
    [InlineData(3, 8, 1, 100, 3)]
    [InlineData(1, 4, 9, 9, 4)]
    public void Bounds_hold(int least, int most, int current, int asked, int replicas)
    {
        var hpa = new Hpa(Hpa.Spec(least, most, Hpa.Behavior(down: Hpa.Rules(0, PolicySelect.Max, Hpa.Percent(100, 15)))), current);
        hpa.After(15).Decide(current);
        hpa.Replicas = current;
        Assert.Equal(replicas, hpa.After(400).Decide(asked));
    }

    [Theory]
    // A metric that cannot be read might ask for more than the others: they may scale up, but not down.
    [InlineData(4, 6, 6)]
    [InlineData(4, 4, 4)]
    [InlineData(4, 2, 4)]
    public void A_metric_that_cannot_be_read_prevents_scaling_down(int current, int readable, int replicas)
    {
        var hpa = new Hpa(Hpa.Spec(behavior: Hpa.Behavior(down: Hpa.Rules(0, PolicySelect.Max, Hpa.Percent(100, 15)))), current);
        Assert.Equal(replicas, hpa.Decide(readable, null));
    }

    [Fact]
    public void Without_any_metric_nothing_changes()
    {
        var hpa = new Hpa(Hpa.Spec(), 4);
        Assert.Equal(4, hpa.Decide(null, null));
        Assert.Equal("a trigger cannot be read", hpa.Why);
    }

    // The documented defaults of Kubernetes: 4 Pods or 100 % in 15 seconds, the larger of the two.
    [Fact]
    public void The_default_rules_add_4_or_double_every_15_seconds()
    {
        var hpa = new Hpa(Hpa.Spec(behavior: Hpa.Behavior()), 1);
        Assert.Equal(5, hpa.Decide(1_000));
        Assert.Equal(5, hpa.After(5).Decide(1_000));
        Assert.Equal(10, hpa.After(10).Decide(1_000));
        Assert.Equal(20, hpa.After(15).Decide(1_000));
        Assert.Equal(40, hpa.After(15).Decide(1_000));
        Assert.Equal("limited by a scale-up policy", hpa.Why);
    }

    // Without a behaviour the controller uses an older rule: at most max(2 × now, 4) at each decision.
    [Fact]
    public void Without_a_behaviour_it_doubles_from_4_on_at_each_decision()
    {
        var hpa = new Hpa(Hpa.Spec(), 1);
        int[] seen = [.. Enumerable.Range(0, 5).Select(_ => hpa.After(1).Decide(1_000))];
        Assert.Equal([4, 8, 16, 32, 64], seen);
    }

    [Fact]
    public void Without_a_behaviour_it_goes_down_to_the_highest_of_5_minutes()
    {
        var hpa = new Hpa(Hpa.Spec(), 10);
        Assert.Equal(10, hpa.Decide(10));
        Assert.Equal(10, hpa.After(299).Decide(2));
        Assert.Equal(2, hpa.After(2).Decide(1));
        Assert.Equal("stabilised", hpa.Why);
    }

    [Fact]
    public void It_begins_with_the_current_number_of_replicas()
    {
        // No pass recommended 10, and still they stay for the window.
        var hpa = new Hpa(Hpa.Spec(behavior: Hpa.Behavior()), 10);
        Assert.Equal(10, hpa.Decide(1));
        Assert.Equal(1, hpa.After(301).Decide(1));
    }
}
