using System.CommandLine;
using System.Text.Json;
using EmailIngestion.Local.Commands.Operating.Answers;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary><c>audit</c>: who did what.</summary>
internal static class AuditCommand
{
    public static Command All(OperatingCommands commands)
    {
        var page = new PageOptions();
        var audit = commands.Make(
            "audit",
            "Lists who changed what, newest first.",
            (context, cancellationToken) => context.ShowAsync(
                "audit", page.AddTo(new OperatingQuery(), context), OperatingJson.Default.AuditAnswer, Of, cancellationToken));
        page.AddTo(audit);
        return audit;
    }

    private static IRenderable Of(AuditAnswer audit)
    {
        if (audit.Entries.Count == 0)
            return new Text("The audit is empty.\n");
        var table = ShownTable.Of(
            ShownTable.Names("at (UTC)"), ShownTable.Texts("who"), ShownTable.Names("action"), ShownTable.Texts("target, filter"),
            ShownTable.Numbers("count"), ShownTable.Texts("outcome"));
        foreach (var entry in audit.Entries)
        {
            table.AddRow(
                new Text(ShownText.Time(entry.At)),
                ShownText.Cell(entry.Who),
                ShownText.Cell(entry.Action),
                ShownText.Cell(entry.Target, entry.Filter is { ValueKind: not JsonValueKind.Null } filter ? filter.GetRawText() : null),
                new Text(entry.Count is { } count ? ShownText.Number(count) : "–"),
                ShownText.Cell(entry.Outcome));
        }

        return new Rows([table, .. ShownMore.After(audit.After)]);
    }
}
