using System.CommandLine;
using EmailIngestion.Local.Commands.Operating.Answers;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary>The commands that read the status: <c>status</c>, <c>mailboxes</c>, <c>consumers</c>.</summary>
internal static class StatusCommands
{
    private const string Path = "status";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    public static Command Status(OperatingCommands commands)
    {
        var watch = new Option<bool>("--watch", "-w") { Description = "Shows it again every 2 seconds, until Ctrl-C." };
        var status = commands.Make(
            "status",
            "Shows the system at a glance: warnings first, then stream, mailboxes and consumers.",
            (context, cancellationToken) => context.Get(watch)
                ? WatchAsync(context, cancellationToken)
                : ShowAsync(context, StatusView.Whole, cancellationToken));
        status.Options.Add(watch);
        return status;
    }

    public static Command Mailboxes(OperatingCommands commands)
    {
        var mailboxes = commands.Make(
            "mailboxes",
            "Shows each mailbox with its state.",
            (context, cancellationToken) => ShowAsync(context, MailboxView.Whole, cancellationToken));
        foreach (var command in MailboxCommand.All(commands))
            mailboxes.Subcommands.Add(command);
        return mailboxes;
    }

    public static Command Consumers(OperatingCommands commands)
    {
        var consumers = commands.Make(
            "consumers",
            "Shows each consumer, and the emails that the asked process works on.",
            (context, cancellationToken) => ShowAsync(context, ConsumerView.Whole, cancellationToken));
        consumers.Subcommands.Add(DeliveryCommand.All(commands));
        return consumers;
    }

    private static Task<int> ShowAsync(
        OperatingContext context, Func<StatusAnswer, IRenderable> view, CancellationToken cancellationToken) =>
        context.ShowAsync(
            Path, new OperatingQuery(), OperatingJson.Default.StatusAnswer, status => view(Of(status, context)), cancellationToken);

    // GET status has all partitions.
    private static StatusAnswer Of(StatusAnswer status, OperatingContext context)
    {
        if (context.Partition is not { } name)
            return status;
        var named = status.Partitions.Where(partition => partition.Partition == name).ToArray();
        return named.Length > 0
            ? status with { Partitions = named }
            : throw new OperatingException(
                OperatingExit.Usage,
                $"--partition is '{name}': the server has "
                + string.Join(", ", status.Partitions.Select(partition => $"'{partition.Partition}'")) + ".");
    }

    private static async Task<int> WatchAsync(OperatingContext context, CancellationToken cancellationToken)
    {
        if (context.Json || !context.Console.IsTerminal)
            await RepeatAsync(context, (answer, failure) => Append(context, answer, failure), cancellationToken);
        else
        {
            // Cropped at the bottom, so that the warnings stay.
            await context.Console.Out.Live(new Text(""))
                .Overflow(VerticalOverflow.Crop).Cropping(VerticalOverflowCropping.Bottom)
                .StartAsync(live => RepeatAsync(
                    context, (answer, failure) => live.UpdateTarget(Redraw(context, answer, failure)), cancellationToken));
        }

        return OperatingExit.Interrupted;
    }

    // An outage is shown with the last answer, and ends by itself.
    private static async Task RepeatAsync(
        OperatingContext context, Action<OperatingAnswer<StatusAnswer>?, string?> show, CancellationToken cancellationToken)
    {
        OperatingAnswer<StatusAnswer>? last = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                last = await context.Client.GetAsync(
                    Path, new OperatingQuery(), OperatingJson.Default.StatusAnswer, cancellationToken);
                last = last with { Value = Of(last.Value, context) };
                show(last, null);
            }
            catch (OperatingException e) when (e.IsPassing)
            {
                show(last, e.Message);
            }

            await Task.Delay(Interval, context.Console.Time, cancellationToken);
        }
    }

    private static void Append(OperatingContext context, OperatingAnswer<StatusAnswer>? answer, string? failure)
    {
        if (failure is not null)
            context.Console.Say($"{ShownText.Time(context.Console.Time.GetUtcNow())}: {failure} Trying again.");
        else if (answer is not null)
            context.Show(answer, StatusView.Whole);
    }

    private static Rows Redraw(OperatingContext context, OperatingAnswer<StatusAnswer>? answer, string? failure)
    {
        List<IRenderable> rows = [];
        if (failure is not null)
        {
            rows.Add(new Text($"{ShownText.Clean(failure, ShownText.MaxMessage)} Trying again.", new Style(Color.Red)));
            rows.Add(Text.Empty);
        }

        if (answer is not null)
            rows.Add(StatusView.Whole(answer.Value));
        var at = ShownText.Time(context.Console.Time.GetUtcNow());
        rows.Add(new Text($"{at} UTC  Ctrl-C ends.", new Style(Color.Grey)));
        return new Rows(rows);
    }
}
