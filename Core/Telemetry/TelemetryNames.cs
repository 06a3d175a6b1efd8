namespace EmailIngestion.Telemetry;

/// <summary>Names of meter, source and labels. docs/telemetry.md has the tables; dashboards and alerts are built on them.</summary>
public static class TelemetryNames
{
    public const string Meter = "EmailIngestion";
    public const string ActivitySource = "EmailIngestion";

    public const string Mailbox = "mailbox";
    public const string Partition = "partition";
    public const string Outcome = "outcome";
    public const string Reason = "reason";
    public const string Where = "where";
}
