using System.CommandLine;
using EmailIngestion.Local.Commands.Operating.Answers;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary><c>consumers deliveries</c>: what all consumers have in work.</summary>
internal static class DeliveryCommand
{
    public static Command All(OperatingCommands commands)
    {
        var page = new PageOptions();
        var consumer = new Option<string?>("--consumer") { Description = "Only those of this consumer." };
        var deliveries = commands.Make(
            "deliveries",
            "Lists the emails that all consumers have in work, and those that wait for their next run: the oldest first.",
            (context, cancellationToken) => context.ShowAsync(
                "deliveries",
                page.AddTo(new OperatingQuery().With("consumer", context.Get(consumer)), context),
                OperatingJson.Default.DeliveriesAnswer,
                Of,
                cancellationToken));
        deliveries.Options.Add(consumer);
        page.AddTo(deliveries);
        return deliveries;
    }

    private static IRenderable Of(DeliveriesAnswer answer)
    {
        if (answer.Deliveries.Count == 0)
            return new Text("Nothing is in work.\n");
        var table = ShownTable.Of(
            ShownTable.Mailboxes(answer.Deliveries.Select(one => one.Mailbox)), ShownTable.Numbers("uid"), ShownTable.Names("entry"),
            ShownTable.Numbers("age"), ShownTable.Numbers("renewed"), ShownTable.Numbers("delivery"), ShownTable.Texts("consumer"),
            ShownTable.Texts("subject"));
        foreach (var one in answer.Deliveries)
        {
            table.AddRow(
                ShownText.Cell(one.Mailbox ?? "–"),
                new Text(one.Uid is { } uid ? ShownText.Number(uid) : "–"),
                ShownText.Cell(one.EntryId),
                new Text(ShownText.Span(one.AgeSeconds)),
                new Text(ShownText.Span(one.IdleSeconds)),
                new Text(one.DeliveryCount is { } count ? ShownText.Number(count) : "–"),
                ShownText.Cell(one.Consumer),
                ShownText.Cell(one.Subject));
        }

        return new Rows([table, .. ShownMore.After(answer.After)]);
    }
}
