using System.Text.Json;
using System.Text.Json.Nodes;

namespace EmailIngestion.Streams.Control;

/// <summary>The value of a field of the control hash, as JSON.</summary>
/// <param name="At">When it was written, Unix ms.</param>
/// <param name="Who">Who wrote it.</param>
/// <param name="Reason">Why.</param>
/// <param name="Number">The concurrency.</param>
/// <param name="Nonce">Makes two requests of one moment differ.</param>
internal sealed record ControlValue(long At, string Who, string? Reason = null, int? Number = null, string? Nonce = null)
{
    public DateTimeOffset Time => DateTimeOffset.FromUnixTimeMilliseconds(At);

    public string Write()
    {
        var json = new JsonObject { ["at"] = At, ["who"] = Who };
        if (Reason is not null)
            json["reason"] = Reason;
        if (Number is not null)
            json["number"] = Number;
        if (Nonce is not null)
            json["nonce"] = Nonce;
        return json.ToJsonString();
    }

    /// <summary>Reads a value; null if somebody has written something else by hand.</summary>
    public static ControlValue? Read(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object
                || Text(root, "who") is not { } who
                || !root.TryGetProperty("at", out var at)
                || at.ValueKind != JsonValueKind.Number
                || !at.TryGetInt64(out var time)
                || time is < 0 or > CursorFields.LastTime)
                return null;
            return new ControlValue(time, who, Text(root, "reason"), Integer(root, "number"), Text(root, "nonce"));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int? Integer(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number
            : null;
}
