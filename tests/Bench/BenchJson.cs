using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EmailIngestion.Bench;

[JsonSerializable(typeof(IReadOnlyList<BenchRow>))]
internal sealed partial class BenchJson : JsonSerializerContext
{
    // The output goes to no browser, so characters need no escapes.
    private static readonly BenchJson Readable = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static string Write(IReadOnlyList<BenchRow> rows) => JsonSerializer.Serialize(rows, Readable.IReadOnlyListBenchRow);
}
