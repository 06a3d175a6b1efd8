namespace EmailIngestion.Streams;

/// <summary>The result of settling a delivery. The values are those of settle.lua.</summary>
internal enum SettleResult
{
    /// <summary>The consumer does not own the delivery any more. Nothing was written.</summary>
    Lost = 0,

    /// <summary>The delivery is acknowledged and its email is remembered.</summary>
    Settled = 1,

    /// <summary>An earlier attempt settled it, and its reply was lost.</summary>
    SettledBefore = 2,
}
