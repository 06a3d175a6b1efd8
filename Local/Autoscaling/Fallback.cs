namespace EmailIngestion.Local.Autoscaling;

/// <summary>The rule of a ScaledObject for triggers that cannot be read.</summary>
/// <param name="FailureThreshold">The fallback applies after more consecutive failures than this, of polls and HPA reads together.</param>
/// <param name="Replicas">The replicas that a failing trigger then asks for.</param>
/// <param name="Behavior">How that number relates to the current one.</param>
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
