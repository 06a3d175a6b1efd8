namespace EmailIngestion.Streams.Dlq;

/// <summary>What a filter asks of a dead letter.</summary>
internal sealed record DeadLetterRow(
    string Id, string Mailbox, string Fingerprint, string Reason, string ErrorType, string From, string Subject, int Replays);
