namespace EmailIngestion.Streams;

/// <summary>What an epoch of a mailbox begins with.</summary>
/// <param name="Epoch">Its number; it is part of the ids from the second epoch on.</param>
/// <param name="UidValidity">The folder's UIDVALIDITY.</param>
/// <param name="Last">The last UID that is not to be read.</param>
/// <param name="First">When the mailbox was first seen; an earlier time in Redis stays.</param>
internal sealed record EpochStart(int Epoch, uint UidValidity, uint Last, DateTimeOffset First);
