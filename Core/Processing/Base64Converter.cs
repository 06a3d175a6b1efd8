using System.Text.Json;
using System.Text.Json.Serialization;

namespace EmailIngestion.Processing;

/// <summary>Writes bytes as base64 in segments, so that a large attachment needs no contiguous buffer for its text.</summary>
internal sealed class Base64Converter : JsonConverter<ReadOnlyMemory<byte>>
{
    private const int SegmentBytes = 48 * 1024;

    public override ReadOnlyMemory<byte> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetBytesFromBase64();

    public override void Write(Utf8JsonWriter writer, ReadOnlyMemory<byte> value, JsonSerializerOptions options)
    {
        var rest = value.Span;
        for (; rest.Length > SegmentBytes; rest = rest[SegmentBytes..])
            writer.WriteBase64StringSegment(rest[..SegmentBytes], isFinalSegment: false);
        writer.WriteBase64StringSegment(rest, isFinalSegment: true);
    }
}
