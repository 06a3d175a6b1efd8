using EmailIngestion.Local.Autoscaling;
using Xunit;

namespace EmailIngestion.Integration.Tests.Autoscaling;

/// <summary>KEDA's activation, with a cooldown of 300 s. Times are seconds before now.</summary>
public sealed class ActivationTests
{
    private static readonly DateTimeOffset Now = Hpa.Start;

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(3, 0, 3)]
    [InlineData(0, 5, 5)]
    public void Something_active_starts_the_first(int least, int current, int replicas)
    {
        var decision = Decide(Hpa.Spec(least), current, active: true);
        Assert.Equal(replicas, decision.Replicas);
        Assert.Equal(Now, decision.LastActive);
    }

    [Theory]
    [InlineData(299, 4)]
    [InlineData(300, 4)]
    [InlineData(301, 0)]
    public void The_last_ones_go_when_nothing_was_active_for_longer_than_the_cooldown(int since, int replicas) =>
        // KEDA sets 0 at once, whatever number the HPA has set.
        Assert.Equal(replicas, Decide(Hpa.Spec(0), 4, since: since).Replicas);

    [Fact]
    public void Replicas_that_were_never_active_go_at_once() => Assert.Equal(0, Decide(Hpa.Spec(0), 1).Replicas);

    [Fact]
    public void Replicas_that_were_never_active_have_the_initial_cooldown() =>
        Assert.Equal(1, Decide(Hpa.Spec(0) with { InitialCooldownPeriod = TimeSpan.FromSeconds(20) }, 1).Replicas);

    [Theory]
    [InlineData(1, 4)]
    [InlineData(1, 1)]
    public void A_minimum_is_kept(int least, int current) =>
        Assert.Equal(current, Decide(Hpa.Spec(least), current, since: 1_000).Replicas);

    [Fact]
    public void A_minimum_is_set_though_nothing_is_active() => Assert.Equal(2, Decide(Hpa.Spec(2), 0).Replicas);

    [Theory]
    [InlineData(null, 4)]
    [InlineData(2, 4)]
    // If a trigger cannot be read, only a fallback to 0 removes the last replicas.
    [InlineData(0, 0)]
    public void Failing_triggers_do_not_scale_to_0(int? fallback, int replicas) => Assert.Equal(
        replicas,
        Decide(
            Hpa.Spec(0) with { Fallback = fallback is { } number ? new Fallback(3, number, FallbackBehavior.Static) : null },
            4, failing: true, since: 1_000).Replicas);

    [Fact]
    public void A_trigger_that_fails_beside_an_active_one_keeps_the_time_of_the_last_activity()
    {
        var decision = Decide(Hpa.Spec(0), 4, active: true, failing: true, since: 200);
        Assert.Equal(4, decision.Replicas);
        Assert.Equal(Now.AddSeconds(-200), decision.LastActive);
    }

    private static ActivationDecision Decide(
        ScaledObject spec, int current, bool active = false, bool failing = false, int? since = null) =>
        Activation.Decide(spec, current, active, failing, since is { } seconds ? Now.AddSeconds(-seconds) : null, Now.AddSeconds(-10), Now);
}
