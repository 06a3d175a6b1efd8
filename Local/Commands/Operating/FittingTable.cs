using Spectre.Console;
using Spectre.Console.Rendering;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary>A table. In a terminal that is too narrow for it, each row is a list of names and values.</summary>
internal sealed class FittingTable(Table table, IReadOnlyList<string> headers) : Renderable
{
    // Narrower columns have one or two characters a line.
    private const int Narrowest = 72;

    private readonly List<Grid> _records = [];

    public void AddRow(params IRenderable[] cells)
    {
        table.AddRow(cells);
        var record = new Grid().AddColumn(new GridColumn { NoWrap = true }).AddColumn();
        for (var i = 0; i < cells.Length; i++)
            record.AddRow(new Text(headers[i]), cells[i]);
        _records.Add(record);
    }

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        IRenderable shown = maxWidth >= Narrowest
            ? table
            : new Rows(_records.SelectMany(record => new IRenderable[] { record, Text.Empty }));
        return shown.Render(options, maxWidth);
    }
}
