using System.Text.Json.Serialization;
using EmailIngestion.Streams.Dlq;

namespace EmailIngestion.Operations.Bulk;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(DeadLetterFilter))]
[JsonSerializable(typeof(ShownPreview))]
[JsonSerializable(typeof(ExportedDeadLetter))]
internal sealed partial class BulkJson : JsonSerializerContext;
