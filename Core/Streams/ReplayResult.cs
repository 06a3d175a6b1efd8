namespace EmailIngestion.Streams;

/// <summary>How a replay ended.</summary>
public enum ReplayResult
{
    /// <summary>The letter is an entry of the stream again.</summary>
    Replayed,

    /// <summary>There is no such letter (any more).</summary>
    Missing,

    /// <summary>Outstanding work is at the stream limit.</summary>
    Full,

    /// <summary>The message was never fetched, or its key is gone, so there is nothing to process.</summary>
    Bodiless,
}
