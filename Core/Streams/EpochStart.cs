namespace EmailIngestion.Streams;

/// <summary>The values that an epoch of a mailbox starts with.</summary>
/// <param name="Epoch">The epoch's number. From the second epoch on it is part of the email ids.</param>
/// <param name="UidValidity">The folder's UIDVALIDITY.</param>
/// <param name="Last">The last UID that polls do not read.</param>
/// <param name="First">When the mailbox was first seen. An earlier time in Redis stays.</param>
internal sealed record EpochStart(int Epoch, uint UidValidity, uint Last, DateTimeOffset First);
