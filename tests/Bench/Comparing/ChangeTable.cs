using System.Globalization;
using Spectre.Console;

namespace EmailIngestion.Bench.Comparing;

/// <summary>Formats a comparison as a table for people.</summary>
internal static class ChangeTable
{
    public static string Write(IReadOnlyList<RowChange> changes)
    {
        var table = new Table { Border = TableBorder.Markdown };
        foreach (var name in new[] { "bench", "what", "beside" })
            table.AddColumn(name);
        foreach (var name in new[] { "A", "B", "B / A", "spread", "pairs" })
            table.AddColumn(new TableColumn(name).RightAligned());
        table.AddColumn("B is");
        foreach (var change in changes)
        {
            table.AddRow(
                change.Key.Bench,
                change.Key.What,
                change.Key.PeerName ?? change.Key.Unit,
                Number(BenchRow.Median(change.Before)),
                Number(BenchRow.Median(change.After)),
                Number(change.Median),
                change.Changes is [var least, .., var most] ? $"{Number(least)}–{Number(most)}" : "",
                change.Changes.Count.ToString(CultureInfo.InvariantCulture),
                change.Verdict);
        }

        return BenchTable.Render(console => console.Write(table));
    }

    private static string Number(double number) => number.ToString(number >= 100 ? "N0" : "0.00", CultureInfo.InvariantCulture);
}
