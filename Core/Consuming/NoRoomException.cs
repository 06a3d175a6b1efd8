namespace EmailIngestion.Consuming;

/// <summary>
/// The time of an attempt was over while its email waited for memory, or after it had waited for most of it. Other emails had the memory:
/// neither the email nor the processor's dependency is involved.
/// </summary>
internal sealed class NoRoomException() : Exception(
    "The email waited for room in Consumer:MaxBytesInFlight until Processing:AttemptTimeout was over.");
