namespace EmailIngestion.Local.Autoscaling;

/// <summary>How far replicas may change within a period.</summary>
/// <param name="IsPercent">Of the replicas at the period's beginning; else a number of replicas.</param>
/// <param name="Value">How many, or how many percent.</param>
/// <param name="Period">The period.</param>
internal sealed record ScalingPolicy(bool IsPercent, int Value, TimeSpan Period)
{
    /// <summary>The most replicas it allows. Rounded up: a percentage of few replicas would never add one.</summary>
    public int Most(int atBeginning) => Clamp(IsPercent ? Math.Ceiling(atBeginning * (1 + (Value / 100.0))) : (double)atBeginning + Value);

    /// <summary>The fewest replicas it allows.</summary>
    public int Fewest(int atBeginning) => Clamp(IsPercent ? Math.Truncate(atBeginning * (1 - (Value / 100.0))) : (double)atBeginning - Value);

    private static int Clamp(double replicas) => (int)Math.Clamp(replicas, int.MinValue, int.MaxValue);
}
