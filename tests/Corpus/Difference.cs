namespace EmailIngestion.Corpus;

/// <summary>A value that another parser reads in another way.</summary>
/// <param name="Kind">The rule or the field.</param>
/// <param name="Parser">The other parser.</param>
/// <param name="Theirs">Its value.</param>
/// <param name="Ours">The value of ours.</param>
internal sealed record Difference(string Kind, string Parser, string Theirs, string Ours);
