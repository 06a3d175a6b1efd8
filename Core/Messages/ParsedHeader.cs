namespace EmailIngestion.Messages;

/// <summary>A header field.</summary>
/// <param name="Name">The name as written.</param>
/// <param name="Value">The decoded value on one line.</param>
public sealed record ParsedHeader(string Name, string Value);
