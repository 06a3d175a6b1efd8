using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Autoscaling;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Integration.Tests.Autoscaling;

/// <summary>
/// The deployed ScaledObject, changed to a test's partition, to a minimum of 0 and to shorter times, with its triggers' values on the real
/// Redis.
/// </summary>
internal static class TestScaledObject
{
    /// <summary>The factor by which all times are shorter.</summary>
    public const double Speed = 30;

    public static string Yaml(TestPartition partition)
    {
        var shipped = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Autoscaling", "scaledobject.yaml"));
        Assert.Contains($"stream: {new StreamKeys("").Stream}\n", shipped, StringComparison.Ordinal);
        return shipped.Replace($"stream: {new StreamKeys("").Stream}\n", $"stream: {partition.Keys.Stream}\n", StringComparison.Ordinal);
    }

    /// <summary>The same with the triggers of the overlay entra, which an HTTP function answers.</summary>
    public static ScaledObject ReadApi(TestPartition partition)
    {
        const string Triggers = "  triggers:\n";
        var shipped = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Autoscaling", "entra.yaml"));
        Assert.Contains("?partition=mail\n", shipped, StringComparison.Ordinal);
        var patch = shipped[shipped.IndexOf(Triggers, StringComparison.Ordinal)..];
        var yaml = Yaml(partition);
        return ScaledObjectReader.Read(
            yaml[..yaml.IndexOf(Triggers, StringComparison.Ordinal)]
                + patch.Replace("?partition=mail\n", $"?partition={partition.Name}\n", StringComparison.Ordinal),
            "entra.yaml").Faster(Speed) with
        { MinReplicas = 0 };
    }

    public static ScaledObject Read(TestPartition partition) =>
        ScaledObjectReader.Read(Yaml(partition), "scaledobject.yaml").Faster(Speed) with { MinReplicas = 0 };

    /// <summary>The values of pending, lag and length. A trigger that cannot be read has the first word of the error.</summary>
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
