using System.Text.Json;
using System.Text.Json.Serialization;

namespace EmailIngestion.Messages;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ParsedEmail))]
internal sealed partial class ParsedEmailJson : JsonSerializerContext
{
    /// <summary>Writes text of any script without escapes: people read these files. The JSON is never part of a web page.</summary>
    public static ParsedEmailJson Readable => field ??= new(
        new JsonSerializerOptions(Default.Options!) { Encoder = ReadableEncoder.Instance });
}
