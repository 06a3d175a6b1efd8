namespace EmailIngestion.Streams.Jobs;

/// <summary>How the creation of a job ended.</summary>
public enum JobCreation
{
    /// <summary>The job is created.</summary>
    Created,

    /// <summary>The preview was confirmed before, or its time is over.</summary>
    Unconfirmed,

    /// <summary>As many jobs have not ended as there may be.</summary>
    TooMany,
}
