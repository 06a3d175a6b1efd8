namespace EmailIngestion.Streams;

/// <summary>The stream or its consumer group does not exist (yet): whoever polls or consumes first makes them.</summary>
internal sealed class GroupMissingException(string stream) : Exception($"The consumer group of {stream} is missing.");
