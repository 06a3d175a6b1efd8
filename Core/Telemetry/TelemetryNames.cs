namespace EmailIngestion.Telemetry;

/// <summary>
/// The names of the meter, the activity source and the labels. Dashboards and alerts depend on them. docs/telemetry.md has the tables.
/// </summary>
public static class TelemetryNames
{
    /// <summary>The meter of all metrics.</summary>
    public const string Meter = "EmailIngestion";

    /// <summary>The activity source of all spans.</summary>
    public const string ActivitySource = "EmailIngestion";

    /// <summary>Label: the mailbox's name.</summary>
    public const string Mailbox = "mailbox";

    /// <summary>Label: the processors of a circuit, with commas.</summary>
    public const string Processor = "processor";

    /// <summary>Label: the partition's name.</summary>
    public const string Partition = "partition";

    /// <summary>Label: the outcome of a delivery.</summary>
    public const string Outcome = "outcome";

    /// <summary>Label: the reason of a dead letter.</summary>
    public const string Reason = "reason";

    /// <summary>Label: what is paused: <c>everything</c> or <c>consumers</c>.</summary>
    public const string Scope = "scope";

    /// <summary>Label: the stage that recognised a duplicate.</summary>
    public const string Where = "where";
}
