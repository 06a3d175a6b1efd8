namespace EmailIngestion.Operations.Bulk;

/// <summary>What is done with the dead letters that a filter selects.</summary>
public enum BulkAction
{
    /// <summary>They are moved back to the stream.</summary>
    Replay,

    /// <summary>They are deleted.</summary>
    Purge,
}
