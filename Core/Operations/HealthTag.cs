namespace EmailIngestion.Operations;

/// <summary>
/// The tags that assign a health check to an answer. A check with both tags counts for both. A check without <see cref="Live"/> counts for
/// readiness, whatever other tags it has.
/// </summary>
public static class HealthTag
{
    /// <summary>The check counts for <c>GET /api/health/live</c>: while it is unhealthy, the process is restarted.</summary>
    public const string Live = "live";

    /// <summary>The check counts for <c>GET /api/health/ready</c>.</summary>
    public const string Ready = "ready";
}
