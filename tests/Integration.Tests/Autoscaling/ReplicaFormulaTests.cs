using EmailIngestion.Local.Autoscaling;
using Xunit;

namespace EmailIngestion.Integration.Tests.Autoscaling;

/// <summary>desired = ceil(metric / target), and no change within the tolerance.</summary>
public sealed class ReplicaFormulaTests
{
    [Theory]
    [InlineData(0, 100, 1, 0)]
    [InlineData(1, 100, 1, 1)]
    [InlineData(99, 100, 1, 1)]
    [InlineData(100, 100, 1, 1)]
    [InlineData(200, 100, 1, 2)]
    [InlineData(201, 100, 1, 3)]
    [InlineData(5_000, 100, 1, 50)]
    [InlineData(5_001, 100, 1, 51)]
    // The number of replicas has no influence.
    [InlineData(200, 100, 8, 2)]
    [InlineData(800, 100, 2, 8)]
    [InlineData(1, 1_000_000, 8, 1)]
    public void A_metric_asks_for_as_many_replicas_as_carry_it(long value, long target, int running, int desired) =>
        Assert.Equal(desired, ReplicaFormula.Desired(value, target, running, 0.1, 0.1));

    [Theory]
    [InlineData(1_000, 100, 10, 10)]
    [InlineData(1_001, 100, 10, 10)]
    [InlineData(1_100, 100, 10, 10)]
    [InlineData(1_101, 100, 10, 12)]
    [InlineData(900, 100, 10, 10)]
    [InlineData(899, 100, 10, 9)]
    // With few replicas a tenth is less than one replica.
    [InlineData(110, 100, 1, 1)]
    [InlineData(111, 100, 1, 2)]
    public void Within_a_tenth_of_the_target_nothing_changes(long value, long target, int running, int desired) =>
        Assert.Equal(desired, ReplicaFormula.Desired(value, target, running, 0.1, 0.1));

    [Theory]
    [InlineData(1_001, 0.0, 0.1, 11)]
    [InlineData(999, 0.1, 0.0, 10)]
    [InlineData(980, 0.0, 0.05, 10)]
    [InlineData(1_500, 0.5, 0.1, 10)]
    [InlineData(500, 0.1, 0.5, 10)]
    public void Each_direction_has_its_tolerance(long value, double up, double down, int desired) =>
        Assert.Equal(desired, ReplicaFormula.Desired(value, 100, 10, up, down));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(250, 3)]
    public void Replicas_that_do_not_run_yet_have_no_tolerance(long value, int desired) =>
        Assert.Equal(desired, ReplicaFormula.Desired(value, 100, 0, 0.1, 0.1));

    [Fact]
    public void An_absurd_value_does_not_overflow() =>
        Assert.Equal(int.MaxValue, ReplicaFormula.Desired(long.MaxValue, 1, 1, 0.1, 0.1));
}
