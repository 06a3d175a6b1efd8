namespace EmailIngestion.Operations.Status;

/// <summary>A condition that needs a person, and what to do.</summary>
/// <param name="Code">A word for scripts.</param>
/// <param name="Text">What is so.</param>
/// <param name="Action">What to do.</param>
public sealed record Advice(string Code, string Text, string Action);
