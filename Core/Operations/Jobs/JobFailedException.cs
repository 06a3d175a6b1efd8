namespace EmailIngestion.Operations.Jobs;

/// <summary>A job cannot continue.</summary>
/// <param name="message">Why, for the person who created it.</param>
internal sealed class JobFailedException(string message) : Exception(message);
