namespace EmailIngestion.Streams.Control;

/// <summary>A request about a mailbox that waits in Redis for the process that polls it.</summary>
/// <param name="Mailbox">The mailbox.</param>
/// <param name="At">When it was made.</param>
/// <param name="Value">Its value in Redis, which differs for each request.</param>
internal sealed record ControlRequest(string Mailbox, DateTimeOffset At, string Value);
