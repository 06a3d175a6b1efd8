using System.Text.Json;
using EmailIngestion.Integration.Tests.Support;

namespace EmailIngestion.Integration.Tests.Autoscaling;

/// <summary>The settings of a test's consumer processes: its partition, and the slow receiver as their webhook.</summary>
internal static class ConsumerSettings
{
    /// <summary>Returns the arguments of <c>consume</c>. The settings are in a file of the test's folder.</summary>
    public static string[] Write(TestPartition partition, SlowReceiver receiver)
    {
        var settings = partition.Settings();
        settings["Consumer:Lease"] = "00:00:08";
        settings["Consumer:LeaseRenewal"] = "00:00:02";
        settings["Processing:Processor"] = "webhook";
        settings["Webhook:Url"] = receiver.Url;
        settings["Webhook:Secret"] = "a secret of twenty-four or more";
        var file = Path.Combine(partition.Folder, "settings.json");
        File.WriteAllText(file, JsonSerializer.Serialize(new { settings.Values }));
        return ["--settings", file, "--data", partition.Folder];
    }
}
