namespace EmailIngestion.Messages.Content;

/// <summary>A uuencoded file in a text: the ranges of the whole block, of its lines of data and of its name.</summary>
internal readonly record struct UuencodedFile(Range Block, Range Data, Range Name);
