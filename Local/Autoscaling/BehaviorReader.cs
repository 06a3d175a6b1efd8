using System.Globalization;

namespace EmailIngestion.Local.Autoscaling;

/// <summary>Reads <c>advanced</c>: the HPA's behaviour, within the bounds of Kubernetes.</summary>
internal static class BehaviorReader
{
    private const int LongestWindow = 3_600;
    private const int LongestPeriod = 1_800;

    public static ScalingBehavior? Read(YamlFields advanced)
    {
        advanced.Only("horizontalPodAutoscalerConfig", "restoreToOriginalReplicaCount", "scalingModifiers");
        if (advanced.Names.Contains("scalingModifiers"))
            throw advanced.Fail("scalingModifiers", "is not supported here");
        if (advanced.Fields("horizontalPodAutoscalerConfig") is not { } config)
            return null;
        config.Only("name", "behavior");
        if (config.Fields("behavior") is not { } behavior)
            return null;
        behavior.Only("scaleUp", "scaleDown");
        return new ScalingBehavior(
            ReadRules(behavior.Fields("scaleUp"), ScalingRules.DefaultUp),
            ReadRules(behavior.Fields("scaleDown"), ScalingRules.DefaultDown));
    }

    // A missing field has its own default: rules that set only a window keep the default policies.
    private static ScalingRules ReadRules(YamlFields? rules, ScalingRules defaults)
    {
        if (rules is null)
            return defaults;
        rules.Only("stabilizationWindowSeconds", "policies", "selectPolicy", "tolerance");
        var policies = rules.List("policies");
        if (policies is { Count: 0 })
            throw rules.Fail("policies", "is empty: give at least one, or leave it out");
        return new ScalingRules
        {
            Window = rules.Seconds("stabilizationWindowSeconds", 0, LongestWindow) ?? defaults.Window,
            Policies = policies is null ? defaults.Policies : [.. policies.Select(ReadPolicy)],
            Select = rules.Text("selectPolicy") switch
            {
                null or "Max" => PolicySelect.Max,
                "Min" => PolicySelect.Min,
                "Disabled" => PolicySelect.Disabled,
                var other => throw rules.Fail("selectPolicy", $"is {other}: it must be Max, Min or Disabled"),
            },
            Tolerance = ReadTolerance(rules) ?? defaults.Tolerance,
        };
    }

    private static ScalingPolicy ReadPolicy(YamlFields policy)
    {
        policy.Only("type", "value", "periodSeconds");
        return new ScalingPolicy(
            policy.RequiredText("type") switch
            {
                "Percent" => true,
                "Pods" => false,
                var other => throw policy.Fail("type", $"is {other}: it must be Pods or Percent"),
            },
            policy.RequiredNumber("value", 1),
            TimeSpan.FromSeconds(policy.RequiredNumber("periodSeconds", 1, LongestPeriod)));
    }

    // A quantity: 0.05 or 50m.
    private static double? ReadTolerance(YamlFields rules)
    {
        if (rules.Text("tolerance") is not { } text)
            return null;
        var (digits, unit) = text.EndsWith('m') ? (text[..^1], 1_000.0) : (text, 1.0);
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number / unit
            : throw rules.Fail("tolerance", $"is {text}: it must be a share such as 0.05 or 50m");
    }
}
