namespace EmailIngestion.Local.Autoscaling;

/// <summary>The HPA's formula for an external metric with an AverageValue, which every KEDA trigger is.</summary>
internal static class ReplicaFormula
{
    /// <summary>
    /// Returns ceil(value / target), or the running number if the value per replica is within the tolerance of the target. The running
    /// number matters only for the tolerance.
    /// </summary>
    public static int Desired(long value, long target, int running, double toleranceUp, double toleranceDown)
    {
        // With 0 running the ratio is infinite, or NaN for a value of 0. Neither is near 1.
        var ratio = value / ((double)target * running);
        if (ratio >= 1 - toleranceDown && ratio <= 1 + toleranceUp)
            return running;
        return (int)Math.Min(int.MaxValue, Math.Ceiling(value / (double)target));
    }
}
