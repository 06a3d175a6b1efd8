namespace EmailIngestion.Consuming;

/// <summary>What the <see cref="Settler"/> has written for a delivery that has ended.</summary>
internal enum Settlement
{
    /// <summary>
    /// Nothing: this consumer does not own the delivery any more. An attempt whose reply was lost may have written the outcome.
    /// </summary>
    Lost,

    /// <summary>The entry is acknowledged, and its email is remembered as processed.</summary>
    Completed,

    /// <summary>As <see cref="Completed"/>, by an earlier attempt whose reply was lost.</summary>
    CompletedBefore,

    /// <summary>The entry waits one lease for its next delivery. This delivery counts.</summary>
    Retried,

    /// <summary>Any consumer may reclaim the entry at once. This delivery does not count.</summary>
    Released,

    /// <summary>The entry waits for the postponed time. This delivery does not count.</summary>
    Postponed,

    /// <summary>The entry waits for the postponed time. This delivery counts.</summary>
    PostponedCounted,

    /// <summary>The entry is a dead letter.</summary>
    DeadLettered,
}
