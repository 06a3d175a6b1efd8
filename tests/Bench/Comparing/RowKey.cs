namespace EmailIngestion.Bench.Comparing;

/// <summary>What makes a row of one run the same as a row of another.</summary>
internal sealed record RowKey(string Bench, string What, string? PeerName, string Unit)
{
    public static RowKey Of(BenchRow row) => new(row.Bench, row.What, row.PeerName, row.Unit);
}
