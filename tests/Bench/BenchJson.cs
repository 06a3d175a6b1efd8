using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EmailIngestion.Bench;

[JsonSerializable(typeof(BenchReport))]
internal sealed partial class BenchJson : JsonSerializerContext
{
    // The output goes to no browser, so characters need no escapes.
    private static readonly BenchJson Readable = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        // A ratio to nothing is not a number, and JSON has no such number.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    });

    public static string Write(BenchReport report) => JsonSerializer.Serialize(report, Readable.BenchReport);

    /// <exception cref="JsonException">The text is not the JSON of a run.</exception>
    public static BenchReport Read(string json) => JsonSerializer.Deserialize(json, Readable.BenchReport)!;
}
