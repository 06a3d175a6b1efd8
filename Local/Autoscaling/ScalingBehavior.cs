namespace EmailIngestion.Local.Autoscaling;

/// <summary>An HPA's <c>behavior</c>, with the defaults filled in.</summary>
internal sealed record ScalingBehavior(ScalingRules Up, ScalingRules Down);
