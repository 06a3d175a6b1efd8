namespace EmailIngestion.Streams;

/// <summary>The key of a mailbox's cursor does not hold what it must. The message names both and says what to do.</summary>
internal sealed class DamagedCursorException(string mailbox, string key, string why) : Exception(
    $"The cursor of mailbox '{mailbox}' is damaged: {why}. Set it right in the key {key} (docs/runbook.md, A damaged cursor), "
    + "or delete the key to begin where StartFrom says.");
