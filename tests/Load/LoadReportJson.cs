using System.Text.Json;
using System.Text.Json.Serialization;

namespace EmailIngestion.Load;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(LoadReport))]
internal sealed partial class LoadReportJson : JsonSerializerContext
{
    public static string Write(LoadReport report) => JsonSerializer.Serialize(report, Default.LoadReport);
}
