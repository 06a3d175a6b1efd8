namespace EmailIngestion.Operations.Control;

/// <summary>What a pause stops.</summary>
public enum ControlScope
{
    /// <summary>All mailboxes and consumers of a partition.</summary>
    Everything,

    /// <summary>One mailbox.</summary>
    Mailbox,

    /// <summary>The consumers of a partition.</summary>
    Consumers,
}
