namespace EmailIngestion.Mailboxes.Probing;

/// <summary>One step of a probe.</summary>
/// <param name="Name">The step.</param>
/// <param name="Passed">Whether it succeeded. After a failure the probe ends.</param>
/// <param name="Text">What was found, or what failed.</param>
/// <param name="Advice">What to do after a failure; null if the text says it.</param>
internal sealed record ProbeStep(string Name, bool Passed, string Text, string? Advice = null);
