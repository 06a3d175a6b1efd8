using System.CommandLine;
using EmailIngestion.Local.Commands.Operating.Answers;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary><c>dlq</c>: lists, shows and groups dead letters. The other files of this folder save and change them.</summary>
internal static class DeadLetterCommands
{
    public static Command All(OperatingCommands commands) => new("dlq", "Works with dead letters.")
    {
        List(commands),
        Groups(commands),
        Show(commands),
        DeadLetterFiles.Raw(commands),
        DeadLetterFiles.Export(commands),
        DeadLetterChanges.Replay(commands),
        DeadLetterChanges.Purge(commands),
    };

    public static Argument<string> Id() => new("id") { Description = "The ID of the dead letter, such as 1700000000000-0." };

    /// <summary>The path of a dead letter.</summary>
    public static string Path(string id) => $"dlq/{Uri.EscapeDataString(id)}";

    private static Command List(OperatingCommands commands)
    {
        var filter = new DeadLetterFilter();
        var page = new PageOptions();
        var newest = new Option<bool>("--newest") { Description = "Newest first. Default: oldest first." };
        var list = commands.Make(
            "list",
            "Lists dead letters.",
            (context, cancellationToken) => context.ShowAsync(
                "dlq",
                page.AddTo(filter.AddTo(new OperatingQuery(), context), context).With("newest", context.Get(newest) ? "true" : null),
                OperatingJson.Default.DeadLettersAnswer,
                DeadLetterView.Of,
                cancellationToken));
        filter.AddTo(list);
        page.AddTo(list);
        list.Options.Add(newest);
        return list;
    }

    private static Command Groups(OperatingCommands commands)
    {
        var page = new PageOptions();
        var mailbox = new Option<string?>("--mailbox") { Description = "Those of a mailbox: account/folder." };
        var groups = commands.Make(
            "groups",
            "Groups dead letters by their cause, the largest group first.",
            (context, cancellationToken) => context.ShowAsync(
                "dlq/groups",
                page.AddTo(new OperatingQuery().With("mailbox", context.Get(mailbox)), context),
                OperatingJson.Default.GroupsAnswer,
                DeadLetterView.Of,
                cancellationToken));
        groups.Options.Add(mailbox);
        page.AddTo(groups);
        return groups;
    }

    private static Command Show(OperatingCommands commands)
    {
        var id = Id();
        var show = commands.Make(
            "show",
            "Shows one dead letter with its error and stack trace.",
            (context, cancellationToken) => context.ShowAsync(
                Path(context.Get(id)!),
                new OperatingQuery(),
                OperatingJson.Default.DeadLetterAnswer,
                DeadLetterView.Of,
                cancellationToken));
        show.Arguments.Add(id);
        return show;
    }
}
