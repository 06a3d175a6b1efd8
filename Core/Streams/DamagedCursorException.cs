namespace EmailIngestion.Streams;

/// <summary>
/// The key of a mailbox's cursor does not contain a valid cursor. The message names the mailbox and the key, and says what to do.
/// </summary>
internal sealed class DamagedCursorException(string mailbox, string key, string why) : Exception(
    $"The cursor of mailbox '{mailbox}' is damaged: {why}. Correct the field in the key {key} (docs/runbook.md, A damaged cursor), "
    + "or delete the key to start from the mailbox's StartFrom.");
