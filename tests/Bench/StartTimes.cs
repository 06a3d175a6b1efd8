namespace EmailIngestion.Bench;

/// <summary>The time, and the processor time, since the start of a process, in ms.</summary>
/// <param name="First">Until its first email was settled.</param>
/// <param name="FirstProcessor">The processor time until then.</param>
/// <param name="All">Until all emails were settled.</param>
/// <param name="AllProcessor">The processor time until then.</param>
internal sealed record StartTimes(double First, double FirstProcessor, double All, double AllProcessor);
