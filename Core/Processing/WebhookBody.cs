using System.Buffers;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EmailIngestion.Messages;
using Microsoft.IO;

namespace EmailIngestion.Processing;

/// <summary>Writes the JSON of a webhook's request into pooled memory. Dispose it when the request has ended.</summary>
internal sealed class WebhookBody : IDisposable
{
    // What the pool keeps between requests. A burst of large emails needs more for a moment.
    private static readonly RecyclableMemoryStreamManager Pool = new(new RecyclableMemoryStreamManager.Options
    {
        MaximumSmallPoolFreeBytes = 16 * 1024 * 1024,
        MaximumLargePoolFreeBytes = 32 * 1024 * 1024,
    });

    private static readonly JsonTypeInfo<ParsedEmail> Json = new ParsedEmailJson(
        new JsonSerializerOptions(ParsedEmailJson.Readable.Options) { Converters = { new Base64Converter() } }).ParsedEmail;

    private static readonly JsonWriterOptions Writing = new() { Encoder = ReadableEncoder.Instance };

    private readonly RecyclableMemoryStream _json;

    private WebhookBody(RecyclableMemoryStream json) => _json = json;

    /// <summary>The JSON in UTF-8. The signature is over it.</summary>
    public ReadOnlySequence<byte> Bytes => _json.GetReadOnlySequence();

    /// <summary>Writes an email with the contents of its attachments, as far as they fit.</summary>
    public static WebhookBody Write(EmailMessage message, WebhookOptions options)
    {
        var rented = new List<byte[]>();
        var json = Pool.GetStream();
        try
        {
            var email = message.Parsed;
            if (options.MaxAttachmentBytes > 0 && email.Attachments.Count > 0)
                email = email with { Attachments = WithContents(email.Attachments, options.MaxAttachmentBytes, rented) };
            if (options.IncludeRaw)
                email = email with { Raw = message.Raw };
            // Generated code is faster, but writes contents in one piece.
            if (rented.Count == 0 && !options.IncludeRaw)
                SummaryJson.Write(json, email);
            else
                WriteContents(json, email);
            return new WebhookBody(json);
        }
        catch
        {
            json.Dispose();
            throw;
        }
        finally
        {
            foreach (var bytes in rented)
                ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>Returns the stream of the request: the JSON, or its compressed form. The caller disposes it.</summary>
    public Stream Open(WebhookCompression compression)
    {
        _json.Position = 0;
        if (compression == WebhookCompression.None)
            return _json;
        var compressed = Pool.GetStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            _json.CopyTo(gzip);
        compressed.Position = 0;
        return compressed;
    }

    public void Dispose() => _json.Dispose();

    private static void WriteContents(IBufferWriter<byte> json, ParsedEmail email)
    {
        using var writer = new Utf8JsonWriter(json, Writing);
        JsonSerializer.Serialize(writer, email, Json);
    }

    // In their order: each attachment gets its content if it fits into what the ones before have left.
    private static ParsedAttachment[] WithContents(IReadOnlyList<ParsedAttachment> attachments, long room, List<byte[]> rented)
    {
        var result = new ParsedAttachment[attachments.Count];
        for (var i = 0; i < result.Length; i++)
        {
            var attachment = attachments[i];
            if (attachment.Size > room)
            {
                result[i] = attachment with { Omitted = "size" };
                continue;
            }

            room -= attachment.Size;
            var bytes = ArrayPool<byte>.Shared.Rent((int)attachment.Size);
            rented.Add(bytes);
            using var content = attachment.Open();
            var length = content.ReadAtLeast(bytes.AsSpan(0, (int)attachment.Size), (int)attachment.Size, throwOnEndOfStream: false);
            result[i] = attachment with { Content = bytes.AsMemory(0, length) };
        }

        return result;
    }
}
