namespace EmailIngestion.Streams;

/// <summary>The stream or its consumer group does not exist. The first process that polls or consumes creates them.</summary>
internal sealed class GroupMissingException(string stream) : Exception($"The consumer group of {stream} is missing.");
