namespace EmailIngestion.Local.Autoscaling;

/// <summary>The result of reading one trigger: a value, or an error.</summary>
/// <param name="Value">The value; null if it could not be read.</param>
/// <param name="Error">The error; null if there is a value.</param>
/// <param name="IsUnreachable">Whether Redis could not be reached or refused the login, so that KEDA could not build a scaler.</param>
internal readonly record struct TriggerReading(long? Value, string? Error, bool IsUnreachable = false)
{
    public static TriggerReading Of(long value) => new(value, null);

    /// <summary>Redis answers and refuses the command.</summary>
    public static TriggerReading Failed(string error) => new(null, error);

    /// <summary>Redis does not answer, or refuses the login.</summary>
    public static TriggerReading Unreachable(string error) => new(null, error, true);

    /// <summary>Whether the value is above the activation value.</summary>
    public bool IsActive(Trigger trigger) => Value > trigger.Activation;
}
