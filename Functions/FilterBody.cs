namespace EmailIngestion.Functions;

/// <summary>A filter of dead letters in a body. A field that is left out selects all.</summary>
internal sealed record FilterBody(
    string? Mailbox, string? Fingerprint, string? Reason, string? ErrorType, string? From, string? To, string? Text);
