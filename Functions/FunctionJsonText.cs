using System.Text.Json;

namespace EmailIngestion.Functions;

/// <summary>Shows JSON that Redis has as text.</summary>
internal static class FunctionJsonText
{
    /// <summary>The text as JSON; null for none, and for what a person has changed so that it is none.</summary>
    public static JsonElement? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
