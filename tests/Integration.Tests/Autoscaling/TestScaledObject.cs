using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Autoscaling;

namespace EmailIngestion.Integration.Tests.Autoscaling;

/// <summary>The ScaledObject of these tests, for a test's partition, and its triggers' values on the real Redis.</summary>
internal static class TestScaledObject
{
    public static string Yaml(TestPartition partition) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Autoscaling", "scaledobject.yaml"))
            .Replace("PARTITION", partition.Name, StringComparison.Ordinal);

    public static ScaledObject Read(TestPartition partition) => ScaledObjectReader.Read(Yaml(partition), "scaledobject.yaml");

    /// <summary>pending, lag, length; a trigger that cannot be read by the first word of the error.</summary>
    public static async Task<string[]> ValuesAsync(TestPartition partition)
    {
        var triggers = new RedisTriggers(partition.Connection);
        var readings = new List<string>();
        foreach (var trigger in Read(partition).Triggers)
        {
            var reading = await triggers.ReadAsync(trigger, CancellationToken.None);
            readings.Add(reading.Error?.Split(' ')[0] ?? $"{reading.Value}");
        }

        return [.. readings];
    }
}
