namespace EmailIngestion.DevServers;

/// <summary>A server of the demo could not be started; the message says why and, if it is missing, how to install it.</summary>
internal sealed class ServerStartException(string message) : Exception(message);
