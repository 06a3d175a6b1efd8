using System.Globalization;

namespace EmailIngestion.Faults;

/// <summary>The replication state that a node reports at one moment.</summary>
/// <param name="At">The time of the query.</param>
/// <param name="IsPrimary">True when the node is a primary.</param>
/// <param name="History">The replication history of the node: <c>master_replid</c>.</param>
/// <param name="Offset">The offset in that history: <c>master_repl_offset</c>.</param>
/// <param name="FormerHistory">The history before its promotion: <c>master_replid2</c>.</param>
/// <param name="FormerEnd">The first offset of the former history that it lacks: <c>second_repl_offset</c>.</param>
internal sealed record ReplicationSample(
    DateTimeOffset At, bool IsPrimary, string History, long Offset, string FormerHistory, long FormerEnd)
{
    public static ReplicationSample Read(DateTimeOffset at, string info)
    {
        var lines = info.Split('\n', StringSplitOptions.TrimEntries).Select(line => line.Split(':', 2)).Where(line => line.Length == 2)
            .ToDictionary(line => line[0], line => line[1], StringComparer.Ordinal);
        return new ReplicationSample(
            at, lines["role"] == "master", lines["master_replid"], Number("master_repl_offset"), lines["master_replid2"],
            Number("second_repl_offset"));

        long Number(string name) => long.Parse(lines[name], CultureInfo.InvariantCulture);
    }
}
