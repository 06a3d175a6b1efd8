namespace EmailIngestion.Corpus;

/// <summary>An attachment as another parser reads it.</summary>
/// <param name="FileName">The name; null when there is none.</param>
/// <param name="ContentType">The content type; null when there is none.</param>
/// <param name="Size">The decoded size in bytes.</param>
/// <param name="Sha256">The digest of the decoded content without carriage returns and blanks at its end.</param>
internal sealed record PeerAttachment(string? FileName, string? ContentType, long Size, string Sha256);
