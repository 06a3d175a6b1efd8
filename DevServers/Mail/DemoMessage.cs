namespace EmailIngestion.DevServers.Mail;

/// <param name="Raw">The message as IMAP would give it: lines end in CRLF, no NUL.</param>
/// <param name="InternalDate">When the mailbox received it; whole seconds.</param>
/// <param name="Kind">What is special about it, for people and for tests.</param>
internal sealed record DemoMessage(byte[] Raw, DateTimeOffset InternalDate, string Kind);
