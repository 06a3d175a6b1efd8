namespace EmailIngestion.Streams;

/// <summary>What a settle found. The values are the script's.</summary>
internal enum SettleResult
{
    /// <summary>The delivery is another's by now: nothing was written.</summary>
    Lost = 0,

    Settled = 1,

    /// <summary>Settled by an earlier try whose reply was lost.</summary>
    SettledBefore = 2,
}
