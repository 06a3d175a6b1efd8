namespace EmailIngestion.Local.Autoscaling;

/// <summary>What one trigger read: a value, or why there is none.</summary>
internal readonly record struct TriggerReading(long? Value, string? Error)
{
    public static TriggerReading Of(long value) => new(value, null);

    public static TriggerReading Failed(string error) => new(null, error);

    /// <summary>Above, not at, the activation value.</summary>
    public bool IsActive(Trigger trigger) => Value > trigger.Activation;
}
