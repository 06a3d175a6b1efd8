namespace EmailIngestion.Streams;

/// <summary>What postponing a delivery has done. The values are the script's.</summary>
internal enum PostponeResult
{
    /// <summary>The delivery is another's by now: nothing was written.</summary>
    Lost = 0,

    /// <summary>It waits, as if it had never been handed out.</summary>
    Uncounted = 1,

    /// <summary>It waits, and counts as a delivery: the email has been postponed for a day.</summary>
    Counted = 2,

    /// <summary>It would count and was the last delivery: nothing was written.</summary>
    Exhausted = 3,
}
