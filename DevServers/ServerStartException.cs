namespace EmailIngestion.DevServers;

/// <summary>A server could not be started. The message says why and, if it is not installed, how to install it.</summary>
internal sealed class ServerStartException(string message) : Exception(message);
