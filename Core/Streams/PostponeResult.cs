namespace EmailIngestion.Streams;

/// <summary>The result of postponing a delivery. The values are those of postpone.lua.</summary>
internal enum PostponeResult
{
    /// <summary>The consumer does not own the delivery any more. Nothing was written.</summary>
    Lost = 0,

    /// <summary>The entry waits, and the delivery does not count.</summary>
    Uncounted = 1,

    /// <summary>The entry waits, and the delivery counts: the email was first postponed at least a day ago.</summary>
    Counted = 2,

    /// <summary>The delivery would count and was the last one. Nothing was written.</summary>
    Exhausted = 3,
}
