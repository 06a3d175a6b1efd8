namespace EmailIngestion.Local.Autoscaling;

/// <summary>The HPA's formula for an external metric with an AverageValue, as every trigger of KEDA is one.</summary>
internal static class ReplicaFormula
{
    /// <summary>
    /// ceil(value / target), unless value per replica is so near the target that nothing should change. The number of replicas counts for
    /// nothing but that nearness.
    /// </summary>
    public static int Desired(long value, long target, int running, double toleranceUp, double toleranceDown)
    {
        // With nothing running the ratio is infinite, or for a value of 0 no number, and neither is near 1.
        var ratio = value / ((double)target * running);
        if (ratio >= 1 - toleranceDown && ratio <= 1 + toleranceUp)
            return running;
        return (int)Math.Min(int.MaxValue, Math.Ceiling(value / (double)target));
    }
}
