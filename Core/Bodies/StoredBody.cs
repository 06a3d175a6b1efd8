namespace EmailIngestion.Bodies;

/// <summary>A body as a store lists it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="WrittenAt">When it was last written.</param>
internal readonly record struct StoredBody(string Name, long Size, DateTimeOffset WrittenAt);
