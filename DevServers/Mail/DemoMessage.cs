namespace EmailIngestion.DevServers.Mail;

/// <param name="Raw">The message as IMAP transfers it: lines end in CRLF, without NUL.</param>
/// <param name="InternalDate">The time at which the mailbox received it, in whole seconds.</param>
/// <param name="Kind">Its kind, for tests and for people.</param>
internal sealed record DemoMessage(byte[] Raw, DateTimeOffset InternalDate, string Kind);
