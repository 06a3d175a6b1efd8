namespace EmailIngestion.Messages.Content;

/// <summary>What is before the text of a line: the marks of the quotes around it, and the space and the mark of lists.</summary>
internal readonly record struct LinePrefix(int Quotes, int Indent, string? Marker);
