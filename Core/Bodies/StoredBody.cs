namespace EmailIngestion.Bodies;

/// <summary>A body as a store lists it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="WrittenAt">When it was last written.</param>
/// <param name="Version">What each write changes. A delete names it, so that it cannot delete what was written since.</param>
internal sealed record StoredBody(string Name, long Size, DateTimeOffset WrittenAt, string Version);
