namespace EmailIngestion.Streams.Dlq;

/// <param name="Name">The mailbox, as account/folder.</param>
/// <param name="Count">How many dead letters of the group it has.</param>
public sealed record GroupMailbox(string Name, long Count);
