using Spectre.Console;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary>Makes tables of one look.</summary>
internal static class ShownTable
{
    private const int MaxName = 34;
    private const int Gap = 2;

    public static FittingTable Of(params (string Header, TableColumn Column)[] columns)
    {
        // No lines between columns: 80 of them are few.
        var table = new Table { Border = TableBorder.None };
        foreach (var (_, column) in columns)
        {
            column.Padding = new Padding(0, 0, Gap, 0);
            table.AddColumn(column);
        }

        return new FittingTable(table, [.. columns.Select(column => column.Header)]);
    }

    public static (string Header, TableColumn Column) Texts(string header) => (header, new(Head(header)));

    /// <summary>A column of names or times, which stay on one line to be copied.</summary>
    public static (string Header, TableColumn Column) Names(string header) => (header, new(Head(header)) { NoWrap = true });

    /// <summary>A column for mailboxes: as wide as the longest, so that only longer ones are wrapped.</summary>
    public static (string Header, TableColumn Column) Mailboxes(IEnumerable<string?> names) => ("mailbox", new(Head("mailbox"))
    {
        Width = Math.Min(MaxName, names.Append("mailbox").Max(name => ShownText.Clean(name).Length)),
    });

    public static (string Header, TableColumn Column) Numbers(string header) =>
        (header, new(Head(header)) { NoWrap = true, Alignment = Justify.Right });

    /// <summary>Names and values below each other. Values that are empty are left out.</summary>
    public static Grid Fields(IEnumerable<(string Name, string? Value)> fields)
    {
        var grid = new Grid().AddColumn(new GridColumn { NoWrap = true }).AddColumn();
        foreach (var (name, value) in fields.Where(field => !string.IsNullOrEmpty(field.Value)))
            grid.AddRow(new Text(name), new Text(ShownText.Clean(value, ShownText.MaxMessage)));
        return grid;
    }

    private static Text Head(string header) => new(header, new Style(decoration: Decoration.Underline));
}
