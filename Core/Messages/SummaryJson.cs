using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EmailIngestion.Messages;

/// <summary>
/// Writes the JSON of <see cref="ParsedEmailJson.Readable"/>. Generated code writes each field, so that the first email need not wait for
/// the descriptions of all fields, which only converters and readers need.
/// </summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Serialization,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ParsedEmail))]
internal sealed partial class SummaryJson : JsonSerializerContext
{
    private const int UsualBytes = 4 * 1024;

    // The options of a context that write without escapes would turn the generated code off; those of a writer do not.
    private static readonly JsonWriterOptions Readable = new() { Encoder = ReadableEncoder.Instance };

    public static ReadOnlyMemory<byte> Write(ParsedEmail email)
    {
        var json = new ArrayBufferWriter<byte>(UsualBytes);
        Write(json, email);
        return json.WrittenMemory;
    }

    public static void Write(IBufferWriter<byte> json, ParsedEmail email)
    {
        using var writer = new Utf8JsonWriter(json, Readable);
        JsonSerializer.Serialize(writer, email, Default.ParsedEmail);
    }
}
