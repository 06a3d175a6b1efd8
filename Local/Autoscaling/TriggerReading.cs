namespace EmailIngestion.Local.Autoscaling;

/// <summary>What one trigger read: a value, or why there is none.</summary>
/// <param name="Value">The value; null: it could not be read.</param>
/// <param name="Error">Why it could not be read.</param>
/// <param name="IsUnreachable">Redis could not be reached, or refused the login: KEDA could not build a scaler either.</param>
internal readonly record struct TriggerReading(long? Value, string? Error, bool IsUnreachable = false)
{
    public static TriggerReading Of(long value) => new(value, null);

    /// <summary>Redis answers, and refuses the command.</summary>
    public static TriggerReading Failed(string error) => new(null, error);

    /// <summary>Redis does not answer, or does not let anybody in.</summary>
    public static TriggerReading Unreachable(string error) => new(null, error, true);

    /// <summary>Above, not at, the activation value.</summary>
    public bool IsActive(Trigger trigger) => Value > trigger.Activation;
}
