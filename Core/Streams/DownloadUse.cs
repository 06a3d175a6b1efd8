namespace EmailIngestion.Streams;

/// <summary>What an account has downloaded in the last 24 hours.</summary>
/// <param name="IsTaken">Whether the bytes that were asked for are taken.</param>
/// <param name="Used">The bytes of the window.</param>
/// <param name="FreeAt">When the oldest of them leave the window. Null when there are none.</param>
internal sealed record DownloadUse(bool IsTaken, long Used, DateTimeOffset? FreeAt);
