namespace EmailIngestion.Bodies;

/// <summary>Why a body could not be written or read.</summary>
internal enum BodyFailure
{
    /// <summary>
    /// The store is down, refuses or is full. It passes, perhaps when a person has changed something. It is not the email's fault, so no
    /// delivery is counted.
    /// </summary>
    Unavailable,

    /// <summary>The store answers, and the body is not in it.</summary>
    Missing,

    /// <summary>The body has another size or digest than its reference: somebody has changed it. It must not be processed.</summary>
    Mismatch,
}
