namespace EmailIngestion.Local.Autoscaling;

/// <summary>Limits how many replicas may change within a period.</summary>
/// <param name="IsPercent">Whether the value is a percentage of the replicas at the period's start, or a number of replicas.</param>
/// <param name="Value">The number, or the percentage.</param>
/// <param name="Period">The period.</param>
internal sealed record ScalingPolicy(bool IsPercent, int Value, TimeSpan Period)
{
    /// <summary>The most replicas that it allows. Rounded up, else a percentage of few replicas would never add one.</summary>
    public int Most(int atBeginning) =>
        Clamp(IsPercent ? Math.Ceiling(atBeginning * (1 + (Value / 100.0))) : (double)atBeginning + Value);

    /// <summary>The fewest replicas that it allows.</summary>
    public int Fewest(int atBeginning) =>
        Clamp(IsPercent ? Math.Truncate(atBeginning * (1 - (Value / 100.0))) : (double)atBeginning - Value);

    private static int Clamp(double replicas) => (int)Math.Clamp(replicas, int.MinValue, int.MaxValue);
}
