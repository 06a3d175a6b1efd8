using System.Globalization;

namespace EmailIngestion.Local.Autoscaling;

/// <summary>Reads one trigger as KEDA's redis-streams scaler does, with its rules on which count wins and its defaults.</summary>
internal static class TriggerReader
{
    private const string Pending = "pendingEntriesCount";
    private const string Lag = "lagCount";
    private const string Length = "streamLength";
    private const string Activation = "activationLagCount";

    // KEDA's default of pendingEntriesCount and streamLength.
    private const long DefaultTarget = 5;

    private static readonly string[] Types = ["redis-streams", "redis-sentinel-streams", "redis-cluster-streams"];

    // The connection of KEDA to Redis. This autoscaler uses the Redis of its own settings.
    private static readonly string[] Connection =
    [
        "address", "addresses", "addressFromEnv", "host", "hosts", "hostFromEnv", "hostsFromEnv", "port", "ports", "portFromEnv",
        "portsFromEnv", "username", "usernameFromEnv", "password", "passwordFromEnv", "sentinelUsername", "sentinelUsernameFromEnv",
        "sentinelPassword", "sentinelPasswordFromEnv", "sentinelMaster", "sentinelMasterFromEnv", "enableTLS", "unsafeSsl",
        "addressesFromEnv",
    ];

    public static Trigger Read(YamlFields fields, List<string> notes)
    {
        fields.Only("type", "name", "metadata", "authenticationRef", "metricType", "useCachedMetrics");
        if (fields.RequiredText("type") is var type && type != ApiTriggerReader.Type && !Types.Contains(type))
            throw fields.Fail("type", $"is {type}: only {string.Join(", ", Types)}, {ApiTriggerReader.Type} are supported here");
        if (fields.Text("metricType") is { } metricType and not "AverageValue")
            throw fields.Fail("metricType", $"is {metricType}: only AverageValue is supported here");
        if (type == ApiTriggerReader.Type)
            return ApiTriggerReader.Read(fields);

        var metadata = fields.RequiredFields("metadata");
        metadata.Only(["stream", "consumerGroup", Pending, Lag, Length, Activation, "databaseIndex", .. Connection]);
        if (!fields.Names.Contains("authenticationRef") && !metadata.Names.Any(IsAddress))
        {
            throw metadata.Fail(
                "address", "is missing: KEDA needs address, addressFromEnv, host and port, or an authenticationRef that has them");
        }

        var group = metadata.QuotedText("consumerGroup");
        var kind = group is null ? TriggerKind.Length : Count(metadata, Lag) is null ? TriggerKind.Pending : TriggerKind.Lag;
        Note(metadata, kind, notes);
        var stream = metadata.QuotedText("stream") ?? throw metadata.Fail("stream", "is missing");
        return new Trigger
        {
            Name = fields.Text("name") ?? kind.ToString().ToLowerInvariant(),
            Kind = kind,
            Stream = stream,
            Group = group,
            Target = Count(metadata, Name(kind)) ?? DefaultTarget,
            Activation = Integer(metadata, Activation) ?? 0,
            Database = (int?)Integer(metadata, "databaseIndex"),
            UseCachedMetrics = fields.Text("useCachedMetrics") == "true",
        };
    }

    private static bool IsAddress(string name) =>
        name.StartsWith("address", StringComparison.Ordinal) || name.StartsWith("host", StringComparison.Ordinal);

    private static void Note(YamlFields metadata, TriggerKind kind, List<string> notes)
    {
        var reason = kind switch
        {
            TriggerKind.Length => "without consumerGroup KEDA reads the stream's length",
            TriggerKind.Lag => "with lagCount KEDA reads the lag alone",
            _ => "with consumerGroup and no lagCount KEDA reads the pending entries",
        };
        foreach (var other in new[] { Pending, Lag, Length }.Where(name => name != Name(kind) && metadata.Names.Contains(name)))
            notes.Add($"{metadata.Path}.{other} has no effect: {reason}.");
        if (!metadata.Names.Contains(Name(kind)))
            notes.Add($"{metadata.Path}.{Name(kind)} is missing: KEDA uses {DefaultTarget}.");
    }

    private static string Name(TriggerKind kind) => kind switch { TriggerKind.Pending => Pending, TriggerKind.Lag => Lag, _ => Length };

    // A target of 0 is invalid: KEDA ignores a lagCount of 0, and the HPA would divide by the other counts.
    private static long? Count(YamlFields metadata, string name) => Integer(metadata, name) switch
    {
        < 1 => throw metadata.Fail(name, $"is {metadata.Text(name)}: it must be 1 or more"),
        var count => count,
    };

    private static long? Integer(YamlFields metadata, string name) => metadata.QuotedText(name) switch
    {
        null => null,
        var text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        var text => throw metadata.Fail(name, $"must be a whole number, and is {text}"),
    };
}
