namespace EmailIngestion.Bodies;

/// <summary>A body cannot be kept in the local folder for spooled bodies, for instance because its disk is full.</summary>
internal sealed class SpoolException(string message, Exception inner) : Exception(message, inner);
