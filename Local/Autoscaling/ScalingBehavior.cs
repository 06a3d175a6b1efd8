namespace EmailIngestion.Local.Autoscaling;

/// <summary>An HPA's <c>behavior</c>, complete.</summary>
internal sealed record ScalingBehavior(ScalingRules Up, ScalingRules Down);
