using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using EmailIngestion.Local.Commands.Operating.Answers;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary>
/// The commands that steer the system: <c>pause</c>, <c>resume</c>, <c>concurrency</c>, <c>settings</c>.
/// </summary>
internal static class ControlCommands
{
    private const int MaxConcurrency = 1000;
    private const string AllPartitions = "*";

    public static Command Pause(OperatingCommands commands) => Change(
        commands, "pause", "Pauses everything, one mailbox, or the consumers of a partition. Nothing is lost meanwhile.");

    public static Command Resume(OperatingCommands commands) => Change(
        commands, "resume", "Ends a pause of everything, of one mailbox, or of the consumers of a partition.");

    public static Command Concurrency(OperatingCommands commands)
    {
        var value = new Argument<string?>("value")
        {
            Description = $"The emails that each consumer processes at a time (1 to {MaxConcurrency}); `default` for the setting. "
                + "Without it, what is set is shown.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        value.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }]
                && text != "default"
                && !(int.TryParse(text, CultureInfo.InvariantCulture, out var number)
                    && number is >= 1 and <= MaxConcurrency))
            {
                result.AddError($"The concurrency must be a number between 1 and {MaxConcurrency}, or `default`.");
            }
        });
        var concurrency = commands.Make(
            "concurrency",
            "Changes how many emails each consumer processes at a time, without a restart.",
            async (context, cancellationToken) =>
            {
                if (context.Get(value) is not { } text)
                    return await ShowAsync(context, cancellationToken);
                var number = text == "default" ? null : (JsonNode)int.Parse(text, CultureInfo.InvariantCulture);
                var body = new JsonObject { ["concurrency"] = number };
                return context.Show(
                    await context.Client.SendAsync(
                        HttpMethod.Put, "control/concurrency", new OperatingQuery(), body.ToJsonString(),
                        OperatingJson.Default.ControlAnswer, cancellationToken),
                    Of);
            });
        concurrency.Arguments.Add(value);
        return concurrency;
    }

    public static Command Settings(OperatingCommands commands)
    {
        var changed = new Option<bool>("--changed") { Description = "Leaves out the settings that have their default." };
        var settings = commands.Make(
            "settings",
            "Lists the settings in force. Secrets are not shown.",
            (context, cancellationToken) => context.ShowAsync(
                "settings",
                new OperatingQuery(),
                OperatingJson.Default.SettingsAnswer,
                answer => Of(answer, context.Get(changed)),
                cancellationToken));
        settings.Options.Add(changed);
        return settings;
    }

    private static Command Change(OperatingCommands commands, string name, string description)
    {
        var everything = new Option<bool>("--everything") { Description = "Polling and processing, in all partitions." };
        var mailbox = new Option<string?>("--mailbox") { Description = "One mailbox: account/folder." };
        var consumers = new Option<bool>("--consumers") { Description = "The consumers of the partition." };
        var reason = new Option<string?>("--reason") { Description = "Why, for the status and the audit." };
        var command = commands.Make(name, description, async (context, cancellationToken) =>
        {
            var body = new JsonObject
            {
                ["scope"] = context.Get(everything) ? "everything" : context.Get(consumers) ? "consumers" : "mailbox",
            };
            if (context.Get(mailbox) is { } one)
                body["mailbox"] = one;
            if (context.Get(reason) is { } why)
                body["reason"] = why;
            // Everything is in all partitions, unless one is named.
            var query = new OperatingQuery().With(
                "partition", context.Get(everything) && context.Partition is null ? AllPartitions : null);
            return context.Show(
                await context.Client.SendAsync(
                    HttpMethod.Post, $"control/{name}", query, body.ToJsonString(), OperatingJson.Default.ControlAnswer, cancellationToken),
                Of);
        });
        foreach (var option in new Option[] { everything, mailbox, consumers, reason })
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (new Option[] { everything, mailbox, consumers }.Count(option => result.GetResult(option) is { Implicit: false }) != 1)
                result.AddError($"Give one of --everything, --mailbox NAME and --consumers to {name}.");
        });
        return command;
    }

    private static Task<int> ShowAsync(OperatingContext context, CancellationToken cancellationToken) =>
        context.ShowAsync("control", new OperatingQuery(), OperatingJson.Default.ControlAnswer, Of, cancellationToken);

    private static IRenderable Of(ControlAnswer control)
    {
        List<IRenderable> rows = [];
        foreach (var pause in control.Paused)
        {
            var what = pause.Scope == "everything" ? "Everything" : $"{pause.Scope} {pause.Name}".Trim();
            rows.Add(new Text(ShownText.Clean($"Paused: {what} {StatusView.Pause(pause)}", ShownText.MaxMessage), new Style(Color.Yellow)));
        }

        if (rows.Count == 0)
            rows.Add(new Text("Nothing is paused."));
        foreach (var one in control.Concurrency.Where(one => one.Value is not null))
        {
            var where = one.Partition.Length > 0 ? $" in {one.Partition}" : "";
            rows.Add(new Text(ShownText.Clean(
                $"Concurrency: {one.Value}{where}, since {ShownText.Time(one.Since)} UTC by {one.Who}", ShownText.MaxMessage)));
        }

        return new Rows(rows);
    }

    private static FittingTable Of(SettingsAnswer settings, bool changed)
    {
        var table = ShownTable.Of(ShownTable.Texts("setting"), ShownTable.Texts("value"));
        foreach (var setting in settings.Settings.Where(setting => !changed || !setting.IsDefault))
            table.AddRow(ShownText.Cell(setting.Name), ShownText.Cell(setting.Value, setting.IsDefault ? Color.Grey : null));
        return table;
    }
}
