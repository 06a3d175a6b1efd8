using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EmailIngestion.Bench;

[JsonSerializable(typeof(BenchReport))]
[JsonSerializable(typeof(IReadOnlyList<BenchRow>))]
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

    /// <summary>Reads the result of a run. That of an older version is only its rows.</summary>
    /// <exception cref="JsonException">The text is not the result of a run.</exception>
    public static BenchReport Read(string json)
    {
        if (!json.TrimStart().StartsWith('['))
            return JsonSerializer.Deserialize(json, Readable.BenchReport)!;
        var rows = JsonSerializer.Deserialize(json, Readable.IReadOnlyListBenchRow)!;
        return Bench.BenchReport.Of(new BenchOptions { Names = [], Rounds = 1 }, rows);
    }
}
