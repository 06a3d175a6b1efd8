namespace EmailIngestion.Streams;

/// <summary>The reasons for dead letters. They are values of the DLQ's <c>reason</c> field and of a metric's label.</summary>
public static class DeadLetterReasons
{
    /// <summary>The processor reported that the email can never be processed.</summary>
    public const string Permanent = "permanent";

    /// <summary>The last delivery failed.</summary>
    public const string MaxDeliveries = "max-deliveries";

    /// <summary>
    /// The last delivery never ended: its consumer died or lost its lease. The email is dead-lettered without another run.
    /// </summary>
    public const string Abandoned = "abandoned";

    /// <summary>This product did not write the entry, or somebody changed it.</summary>
    public const string Malformed = "malformed";

    /// <summary>Larger than <c>Polling:MaxMessageBytes</c>: only the headers were fetched.</summary>
    public const string Oversize = "oversize";

    /// <summary>The server lists the email but does not return it.</summary>
    public const string FetchFailed = "fetch-failed";

    /// <summary>The email exceeds a limit of section <c>Processing</c> and is not parsed.</summary>
    public const string TooComplex = "too-complex";

    /// <summary>The body that the entry refers to has another size or digest: somebody has changed it. It is not processed.</summary>
    public const string BodyMismatch = "body-mismatch";

    /// <summary>The store of bodies answers, and does not have the body that the entry refers to.</summary>
    public const string BodyMissing = "body-missing";
}
