using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EmailIngestion.Messages;

/// <summary>
/// An email parsed, as the archive's summary and the webhook send it. Names on the wire are camel case; <c>version</c> changes when a
/// field changes its meaning or goes.
/// </summary>
public sealed record ParsedEmail
{
    public int Version { get; init; } = 1;

    /// <summary>32 hexadecimal digits; the same for every delivery of one email.</summary>
    public required string Id { get; init; }

    public required string Mailbox { get; init; }

    public required uint UidValidity { get; init; }

    public required uint Uid { get; init; }

    public required string MessageId { get; init; }

    public required string InReplyTo { get; init; }

    public required IReadOnlyList<string> From { get; init; }

    public required IReadOnlyList<string> To { get; init; }

    public required IReadOnlyList<string> Cc { get; init; }

    public required IReadOnlyList<string> ReplyTo { get; init; }

    public required string Subject { get; init; }

    /// <summary>When the server received it (INTERNALDATE), UTC.</summary>
    public required DateTimeOffset Received { get; init; }

    /// <summary>What the sender wrote into the Date header; null when there is none that can be read.</summary>
    public DateTimeOffset? Sent { get; init; }

    /// <summary>Bytes of the raw message.</summary>
    public required long Size { get; init; }

    /// <summary>The plain-text body, at most 1,000,000 characters; null when there is none.</summary>
    public string? Text { get; init; }

    /// <summary>The HTML body, at most 1,000,000 characters; null when there is none.</summary>
    public string? Html { get; init; }

    public required IReadOnlyList<ParsedAttachment> Attachments { get; init; }

    /// <summary>The raw message, base64 on the wire; only where it was asked for.</summary>
    public ReadOnlyMemory<byte>? Raw { get; init; }
}

/// <summary>One attachment: its name and type as the sender gave them, and its size decoded, in bytes (null for an attached email).</summary>
public sealed record ParsedAttachment(string FileName, string ContentType, long? Size);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ParsedEmail))]
internal sealed partial class ParsedEmailJson : JsonSerializerContext
{
    /// <summary>Text of any script as itself, not escaped: people read these files. They are JSON and never part of a page.</summary>
    public static ParsedEmailJson Readable => field ??= new(new JsonSerializerOptions(Default.Options!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
