namespace EmailIngestion.Integration.Tests.Support;

/// <summary>A request for a part of an email.</summary>
/// <param name="Uid">The email.</param>
/// <param name="Offset">Where the part begins.</param>
/// <param name="Count">Its length.</param>
internal sealed record PartRequest(uint Uid, long Offset, int Count);
