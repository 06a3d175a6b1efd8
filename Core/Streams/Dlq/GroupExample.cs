namespace EmailIngestion.Streams.Dlq;

/// <summary>One dead letter of a group.</summary>
public sealed record GroupExample(string Id, string Mailbox, string From, string Subject);
