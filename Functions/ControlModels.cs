using System.Text.Json;

namespace EmailIngestion.Functions;

/// <param name="Scope">everything, mailbox or consumers.</param>
/// <param name="Mailbox">The mailbox, for its scope.</param>
/// <param name="Reason">Why, for status and log.</param>
internal sealed record PauseBody(string? Scope, string? Mailbox, string? Reason);

/// <param name="Concurrency">The number; null for the setting. Undefined: it is missing.</param>
internal sealed record ConcurrencyBody(JsonElement Concurrency);
