using EmailIngestion.Local.Commands.Operating.Answers;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary>Shows the consumers of a status, and what is in work.</summary>
internal static class ConsumerView
{
    public static IRenderable Whole(StatusAnswer status) =>
        new Rows(status.Partitions.SelectMany(partition => Titled(status, partition)));

    /// <summary>The consumers of one partition.</summary>
    public static IRenderable Of(PartitionAnswer partition)
    {
        if (partition.Consumers.Count == 0)
            return new Text("There is no consumer.");
        var table = ShownTable.Of(
            ShownTable.Texts("consumer"), ShownTable.Names("state"), ShownTable.Numbers("pending"), ShownTable.Numbers("last read"),
            ShownTable.Numbers("longest in work"));
        foreach (var consumer in partition.Consumers)
        {
            table.AddRow(
                ShownText.Cell(consumer.Name),
                consumer.Paused ? ShownText.Cell("paused", Color.Yellow) : ShownText.Cell("running", Color.Green),
                new Text(ShownText.Number(consumer.Pending)),
                new Text($"{ShownText.Span(consumer.IdleSeconds)} ago"),
                new Text(ShownText.Span(consumer.OldestInFlightSeconds)));
        }

        return table;
    }

    private static IEnumerable<IRenderable> Titled(StatusAnswer status, PartitionAnswer partition)
    {
        if (status.Partitions.Count > 1)
            yield return new Text($"Partition {StatusView.Name(partition)}");
        yield return Of(partition);
        if (partition.InFlight.Count == 0)
            yield break;
        yield return new Text($"In work in process {ShownText.Clean(status.Process)}:");
        var table = ShownTable.Of(
            ShownTable.Mailboxes(partition.InFlight.Select(email => email.Mailbox)), ShownTable.Numbers("uid"), ShownTable.Names("entry"),
            ShownTable.Numbers("for"), ShownTable.Numbers("delivery"), ShownTable.Texts("consumer"));
        foreach (var email in partition.InFlight)
        {
            table.AddRow(
                ShownText.Cell(email.Mailbox),
                new Text(email.Uid is { } uid ? ShownText.Number(uid) : "–"),
                ShownText.Cell(email.EntryId),
                new Text(ShownText.Span(email.StartedAgoSeconds)),
                new Text(email.DeliveryCount is { } count ? ShownText.Number(count) : "–"),
                ShownText.Cell(email.Consumer));
        }

        yield return table;
    }
}
