using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EmailIngestion.Messages;

/// <summary>
/// A parsed email, as in the archive's summary and the webhook's request. JSON names are in camel case. <c>version</c> changes when a field
/// changes its meaning or is removed.
/// </summary>
public sealed record ParsedEmail
{
    /// <summary>The version of the format. Default 1.</summary>
    public int Version { get; init; } = 1;

    /// <summary>32 hexadecimal digits; the same for every delivery of one email.</summary>
    public required string Id { get; init; }

    /// <summary>The mailbox's name: <c>account/folder</c>.</summary>
    public required string Mailbox { get; init; }

    /// <summary>The folder's UIDVALIDITY.</summary>
    public required uint UidValidity { get; init; }

    /// <summary>The email's UID.</summary>
    public required uint Uid { get; init; }

    /// <summary>The Message-ID header without its angle brackets; empty when there is none.</summary>
    public required string MessageId { get; init; }

    /// <summary>The In-Reply-To header without its angle brackets; empty when there is none.</summary>
    public required string InReplyTo { get; init; }

    /// <summary>The addresses of the From header.</summary>
    public required IReadOnlyList<string> From { get; init; }

    /// <summary>The addresses of the To header.</summary>
    public required IReadOnlyList<string> To { get; init; }

    /// <summary>The addresses of the Cc header.</summary>
    public required IReadOnlyList<string> Cc { get; init; }

    /// <summary>The addresses of the Reply-To header.</summary>
    public required IReadOnlyList<string> ReplyTo { get; init; }

    /// <summary>The decoded Subject header; empty when there is none.</summary>
    public required string Subject { get; init; }

    /// <summary>The time when the server received the email (INTERNALDATE), UTC.</summary>
    public required DateTimeOffset Received { get; init; }

    /// <summary>The sender's Date header; null when there is none or it cannot be read.</summary>
    public DateTimeOffset? Sent { get; init; }

    /// <summary>The size of the message in bytes, as the server counts it (RFC822.SIZE).</summary>
    public required long Size { get; init; }

    /// <summary>The plain-text body, at most 1,000,000 characters; null when there is none.</summary>
    public string? Text { get; init; }

    /// <summary>The HTML body, at most 1,000,000 characters; null when there is none.</summary>
    public string? Html { get; init; }

    /// <summary>The attachments, in the order of the message.</summary>
    public required IReadOnlyList<ParsedAttachment> Attachments { get; init; }

    /// <summary>The raw message, base64 in JSON; null unless a setting asks for it.</summary>
    public ReadOnlyMemory<byte>? Raw { get; init; }
}

/// <summary>An attachment.</summary>
/// <param name="FileName">The sender's name for it; empty when there is none.</param>
/// <param name="ContentType">The sender's content type.</param>
/// <param name="Size">The decoded size in bytes; null for an attached email.</param>
public sealed record ParsedAttachment(string FileName, string ContentType, long? Size);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ParsedEmail))]
internal sealed partial class ParsedEmailJson : JsonSerializerContext
{
    /// <summary>Writes text of any script without escapes: people read these files. The JSON is never part of a web page.</summary>
    public static ParsedEmailJson Readable => field ??= new(
        new JsonSerializerOptions(Default.Options!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
