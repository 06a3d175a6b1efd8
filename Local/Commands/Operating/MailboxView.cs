using EmailIngestion.Local.Commands.Operating.Answers;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary>Shows the mailboxes of a status.</summary>
internal static class MailboxView
{
    public static IRenderable Whole(StatusAnswer status) =>
        new Rows(status.Partitions.SelectMany(partition => Titled(status, partition)));

    /// <summary>The mailboxes of one partition.</summary>
    public static IRenderable Of(PartitionAnswer partition, DateTimeOffset now)
    {
        if (partition.Mailboxes.Count == 0)
            return new Text("No mailbox has been polled yet.");
        var table = ShownTable.Of(
            ShownTable.Mailboxes(partition.Mailboxes.Select(mailbox => mailbox.Name)), ShownTable.Names("state"),
            ShownTable.Numbers("read"), ShownTable.Numbers("behind"), ShownTable.Texts("what it does"));
        foreach (var mailbox in partition.Mailboxes.OrderBy(Rank))
        {
            table.AddRow(
                ShownText.Cell(mailbox.Name),
                ShownText.Cell(State(mailbox), Colour(mailbox)),
                new Text(mailbox.LastSuccess is { } last ? $"{ShownText.Span(Math.Max(0, (now - last).TotalSeconds))} ago" : "never"),
                new Text(mailbox.Behind is { } behind ? ShownText.Number(behind) : "–"),
                new Text(ShownText.Clean(mailbox.StateText ?? mailbox.Error, ShownText.MaxMessage)));
        }

        return table;
    }

    private static IEnumerable<IRenderable> Titled(StatusAnswer status, PartitionAnswer partition)
    {
        if (status.Partitions.Count > 1)
            yield return new Text($"Partition {StatusView.Name(partition)}");
        yield return Of(partition, status.At);
    }

    // What needs somebody comes first.
    private static int Rank(MailboxAnswer mailbox) => State(mailbox) switch
    {
        _ when mailbox.Parked => 0,
        "backing off" or "failing" => 1,
        _ when mailbox.Error is not null => 2,
        _ => 3,
    };

    // A parked mailbox may be paused, or polled, as well. An older server has no state.
    private static string State(MailboxAnswer mailbox) => mailbox switch
    {
        { State: null or "parked", Parked: true } => "parked",
        { State: { } state } => mailbox.Parked ? $"{state}, parked" : state,
        _ => mailbox.Error is null ? "ok" : "failing",
    };

    private static Color? Colour(MailboxAnswer mailbox) => State(mailbox) switch
    {
        _ when mailbox.Parked => Color.Red,
        "backing off" or "failing" or "paused" or "removed" => Color.Yellow,
        _ => Color.Green,
    };
}
