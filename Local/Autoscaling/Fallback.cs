namespace EmailIngestion.Local.Autoscaling;

/// <summary>What a ScaledObject says of triggers that cannot be read.</summary>
/// <param name="FailureThreshold">More failures in a row than this, of polls and of the HPA's questions together, bring the fallback.</param>
/// <param name="Replicas">How many replicas a failing trigger then asks for.</param>
/// <param name="Behavior">How that is weighed against the present number.</param>
internal sealed record Fallback(int FailureThreshold, int Replicas, FallbackBehavior Behavior)
{
    /// <summary>The replicas that a failing trigger asks for.</summary>
    public int For(int current) => Behavior switch
    {
        FallbackBehavior.CurrentReplicas => current,
        FallbackBehavior.CurrentReplicasIfHigher => Math.Max(current, Replicas),
        FallbackBehavior.CurrentReplicasIfLower => Math.Min(current, Replicas),
        _ => Replicas,
    };
}

internal enum FallbackBehavior
{
    Static,
    CurrentReplicas,
    CurrentReplicasIfHigher,
    CurrentReplicasIfLower,
}
