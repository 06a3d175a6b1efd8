namespace EmailIngestion.Corpus;

/// <summary>An address as another parser reads it.</summary>
internal sealed record PeerAddress(string? Name, string? Address);
