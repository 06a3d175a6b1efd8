using EmailIngestion.Local.Autoscaling;
using Xunit;

namespace EmailIngestion.Integration.Tests.Autoscaling;

public sealed class StabilisationTests
{
    [Theory]
    // Down: the highest recommendation in the window. Up: the newest one, since that window is 0.
    [InlineData(0, 300, 8, new[] { 8, 3, 5 }, 2, 8)]
    [InlineData(0, 300, 8, new[] { 3, 5, 4 }, 2, 5)]
    [InlineData(0, 300, 2, new[] { 2, 2, 2 }, 9, 9)]
    // Up with a window: the lowest recommendation in it.
    [InlineData(60, 0, 2, new[] { 7, 4, 9 }, 9, 4)]
    [InlineData(60, 0, 2, new[] { 1, 9, 9 }, 9, 2)]
    // Between the two the number does not change.
    [InlineData(60, 60, 5, new[] { 3, 8 }, 6, 5)]
    [InlineData(60, 60, 2, new[] { 3, 8 }, 6, 3)]
    [InlineData(60, 60, 9, new[] { 3, 8 }, 6, 8)]
    [InlineData(0, 0, 5, new[] { 1, 9 }, 6, 6)]
    public void Recent_recommendations_weigh(int up, int down, int current, int[] recent, int newest, int replicas)
    {
        Timed[] recommendations = [.. recent.Select((count, i) => new Timed(Hpa.Start.AddSeconds(-1 - i), count))];
        var behavior = Hpa.Behavior(Hpa.Rules(up, PolicySelect.Max, Hpa.Pods(9, 1)), Hpa.Rules(down, PolicySelect.Max, Hpa.Pods(9, 1)));
        Assert.Equal(replicas, Stabilisation.Apply(behavior, recommendations, current, newest, Hpa.Start));
    }

    [Theory]
    [InlineData(-59, 8)]
    [InlineData(-60, 2)]
    [InlineData(-61, 2)]
    public void Recommendations_older_than_the_window_do_not_count(int at, int replicas)
    {
        var behavior = Hpa.Behavior(down: Hpa.Rules(60, PolicySelect.Max, Hpa.Pods(9, 1)));
        Assert.Equal(replicas, Stabilisation.Apply(behavior, [new Timed(Hpa.Start.AddSeconds(at), 8)], 8, 2, Hpa.Start));
    }

    [Fact]
    public void A_dip_within_the_window_removes_nothing_and_its_end_does()
    {
        var hpa = new Hpa(Hpa.Spec(behavior: Hpa.Behavior(down: Hpa.Rules(60, PolicySelect.Max, Hpa.Percent(100, 15)))), 1);
        hpa.After(100).Decide(5);
        List<int> asked = [5, 1, 1, 5, 1, 1, 1, 1, 1, 1];
        // A recommendation of exactly the window's age is no longer in it.
        Assert.Equal([5, 5, 5, 5, 5, 5, 5, 1, 1, 1], asked.Select(replicas => hpa.After(15).Decide(replicas)));
    }
}
