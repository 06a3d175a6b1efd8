using System.Text.Json;
using System.Text.Json.Serialization;
using EmailIngestion.Mailboxes.Probing;

namespace EmailIngestion.Local.Commands;

/// <summary>The steps of one mailbox's probe.</summary>
/// <param name="Mailbox">account/folder.</param>
internal sealed record ProbeResult(string Mailbox)
{
    /// <summary>Whether all steps succeeded.</summary>
    public bool Passed => Steps.All(step => step.Passed);

    public List<ProbeStep> Steps { get; } = [];

    public static string Json(IReadOnlyList<ProbeResult> results) =>
        JsonSerializer.Serialize(results, ProbeJson.Default.IReadOnlyListProbeResult);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<ProbeResult>))]
internal sealed partial class ProbeJson : JsonSerializerContext;
