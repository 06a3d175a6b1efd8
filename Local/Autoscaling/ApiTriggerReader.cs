using System.Globalization;
using System.Text.RegularExpressions;

namespace EmailIngestion.Local.Autoscaling;

/// <summary>Reads a trigger as KEDA's metrics-api scaler does: a whole number in a JSON answer, and a key in a header or none.</summary>
internal static partial class ApiTriggerReader
{
    public const string Type = "metrics-api";

    private const string DefaultHeader = "X-API-KEY";
    private const string ApiKey = "apiKey";

    public static Trigger Read(YamlFields fields)
    {
        var metadata = fields.RequiredFields("metadata");
        metadata.Only(
            "url", "valueLocation", "targetValue", "activationTargetValue", "format", "authMode", "authModes", "method", "keyParamName",
            "timeout", "unsafeSsl", "aggregateFromKubeServiceEndpoints", "aggregationType");
        Only(metadata, "format", "json");
        Only(metadata, "aggregateFromKubeServiceEndpoints", "false");
        Only(metadata, "authMode", ApiKey);
        Only(metadata, "authModes", ApiKey);
        Only(metadata, "method", "header");
        var hasKey = metadata.Names.Contains("authMode") || metadata.Names.Contains("authModes");
        if (hasKey && !fields.Names.Contains("authenticationRef"))
            throw fields.Fail("authenticationRef", "is missing: it has the key");
        var location = metadata.QuotedText("valueLocation") ?? throw metadata.Fail("valueLocation", "is missing");
        if (!Path().IsMatch(location))
            throw metadata.Fail("valueLocation", $"is {location}: only names with dots between them are supported here");
        return new Trigger
        {
            Name = fields.Text("name") ?? location,
            Kind = TriggerKind.Api,
            Api = new ApiAddress(Url(metadata), location.Split('.'), hasKey ? metadata.Text("keyParamName") ?? DefaultHeader : null),
            Target = Number(metadata, "targetValue", 1) ?? throw metadata.Fail("targetValue", "is missing"),
            Activation = Number(metadata, "activationTargetValue", long.MinValue) ?? 0,
            UseCachedMetrics = fields.Text("useCachedMetrics") == "true",
        };
    }

    private static Uri Url(YamlFields metadata) =>
        (metadata.Text("url") ?? throw metadata.Fail("url", "is missing")) is var text
        && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw metadata.Fail("url", $"is {text}, which is no http or https address");

    private static void Only(YamlFields metadata, string name, string value)
    {
        if (metadata.QuotedText(name) is { } text && text != value)
            throw metadata.Fail(name, $"is {text}: only {value} is supported here");
    }

    private static long? Number(YamlFields metadata, string name, long least) => metadata.QuotedText(name) switch
    {
        null => null,
        var text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number >= least
            ? number
            : throw metadata.Fail(name, $"is {number}: it must be {least} or more"),
        var text => throw metadata.Fail(name, $"must be a whole number here, and is {text}"),
    };

    [GeneratedRegex(@"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$")]
    private static partial Regex Path();
}
