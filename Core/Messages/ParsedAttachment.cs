namespace EmailIngestion.Messages;

/// <summary>A part of an email that is not its text or HTML: a file, a picture in the HTML, an attached email.</summary>
public sealed record ParsedAttachment
{
    private Aside<Func<Stream>?> _open;

    /// <summary>The number of the attachment in the email, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>A name that is safe as a file name, at most 200 bytes in UTF-8. A part without a name gets one by its type.</summary>
    /// <remarks>Two files may have the same name if the sender gave it to both.</remarks>
    public required string FileName { get; init; }

    /// <summary>The sender's name, where it differs from <see cref="FileName"/>; null otherwise.</summary>
    public string? OriginalFileName { get; init; }

    /// <summary>The sender's content type in lower case, without parameters, such as <c>application/pdf</c>.</summary>
    public required string ContentType { get; init; }

    /// <summary>The charset parameter of the content type; null when there is none.</summary>
    public string? Charset { get; init; }

    /// <summary>The Content-Disposition in lower case, such as <c>attachment</c> or <c>inline</c>; null when there is none.</summary>
    public string? Disposition { get; init; }

    /// <summary>The Content-ID without its angle brackets; null when there is none.</summary>
    public string? ContentId { get; init; }

    /// <summary>Whether the HTML shows it by <c>cid:</c>.</summary>
    public bool Inline { get; init; }

    /// <summary>The decoded size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The SHA-256 of the decoded content in hexadecimal digits, lower case.</summary>
    public required string Sha256 { get; init; }

    /// <summary>
    /// The file of the content in the archive, relative to the folder of the summary: <c>&lt;id&gt;/0-invoice.pdf</c>. Null unless the
    /// archive writes attachments as files (<c>Archive:Attachments</c>).
    /// </summary>
    public string? File { get; init; }

    /// <summary>The decoded content, base64 in JSON; null unless it was asked for.</summary>
    public ReadOnlyMemory<byte>? Content { get; init; }

    /// <summary>Why <see cref="Content"/> is missing although it was asked for: <c>size</c>; null otherwise.</summary>
    public string? Omitted { get; init; }

    /// <summary>Opens the decoded content. The stream is read-only and reads from the raw message. Dispose it.</summary>
    /// <exception cref="InvalidOperationException">The attachment was not made from an email.</exception>
    public Stream Open() =>
        _open.Value?.Invoke() ?? throw new InvalidOperationException("The attachment has no content: it was not made from an email.");

    internal Func<Stream> Source
    {
        init => _open = new(value);
    }
}
