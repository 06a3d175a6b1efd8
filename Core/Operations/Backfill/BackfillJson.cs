using System.Text.Json.Serialization;

namespace EmailIngestion.Operations.Backfill;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BackfillRequest))]
internal sealed partial class BackfillJson : JsonSerializerContext;
