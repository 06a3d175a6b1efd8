using System.CommandLine;
using System.Text.Json.Nodes;
using EmailIngestion.Local.Commands.Operating.Answers;
using Spectre.Console;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary>
/// <c>dlq replay</c> and <c>dlq purge</c>. One dead letter is changed at once. Those of a filter are counted, confirmed, and changed by a
/// job.
/// </summary>
internal sealed class DeadLetterChanges
{
    private readonly string _action;
    private readonly Argument<string?> _id = new("id")
    {
        Description = "The ID of one dead letter. Without it, give a filter or --all.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly DeadLetterFilter _filter = new();
    private readonly JobFollowing _following = new();
    private readonly Option<bool> _all = new("--all") { Description = "All dead letters of the partition." };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only counts them." };
    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Does not ask for a confirmation, for scripts." };

    private DeadLetterChanges(string action) => _action = action;

    private bool IsPurge => _action == "purge";

    public static Command Replay(OperatingCommands commands) => new DeadLetterChanges("replay").Make(
        commands, "Moves dead letters back to the stream: one, or those of a filter by a job.");

    public static Command Purge(OperatingCommands commands) => new DeadLetterChanges("purge").Make(
        commands, "Deletes dead letters and their messages for good: one, or those of a filter by a job.");

    private Command Make(OperatingCommands commands, string description)
    {
        var command = commands.Make(_action, description, RunAsync);
        command.Arguments.Add(_id);
        _filter.AddTo(command);
        foreach (var option in new Option[] { _all, _dryRun, _yes, _following.NoWait })
            command.Options.Add(option);
        return command;
    }

    private Task<int> RunAsync(OperatingContext context, CancellationToken cancellationToken)
    {
        var id = context.Get(_id);
        var (isFiltered, all) = (_filter.IsGiven(context), context.Get(_all));
        // Nothing means everything only where somebody says so.
        if ((id is null ? 0 : 1) + (isFiltered ? 1 : 0) + (all ? 1 : 0) != 1)
            throw new OperatingException(OperatingExit.Usage, $"Give one of an ID, a filter and --all to `dlq {_action}`.");
        if (id is null)
            return ChangeManyAsync(context, cancellationToken);
        if (context.Get(_dryRun))
            throw new OperatingException(OperatingExit.Usage, "--dry-run counts those of a filter, or of --all.");
        return IsPurge ? PurgeAsync(context, id, cancellationToken) : ReplayAsync(context, id, cancellationToken);
    }

    private static async Task<int> ReplayAsync(OperatingContext context, string id, CancellationToken cancellationToken) => context.Show(
        await context.Client.SendAsync(
            HttpMethod.Post, $"{DeadLetterCommands.Path(id)}/replay", new OperatingQuery(), null, OperatingJson.Default.ReplayedAnswer,
            cancellationToken),
        replayed => new Text($"{ShownText.Clean(replayed.Id)} is back in the stream as {ShownText.Clean(replayed.EntryId)}.\n"));

    private async Task<int> PurgeAsync(OperatingContext context, string id, CancellationToken cancellationToken)
    {
        await context.ConfirmAsync(
            $"Delete dead letter {ShownText.Clean(id)} and its message for good?", context.Get(_yes), cancellationToken);
        await context.Client.DeleteAsync(DeadLetterCommands.Path(id), cancellationToken);
        return context.Show(
            new OperatingAnswer<string>(id, new JsonObject { ["id"] = id }.ToJsonString()),
            deleted => new Text($"{ShownText.Clean(deleted)} is deleted.\n"));
    }

    private async Task<int> ChangeManyAsync(OperatingContext context, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["filter"] = _filter.Json(context), ["dryRun"] = true };
        var preview = await context.Client.CountAsync($"dlq/{_action}", body.ToJsonString(), cancellationToken);
        if (context.Get(_dryRun))
            return context.Show(preview, count => new Text($"{Sentence(count)}\n"));
        if (preview.Value.Count == 0)
        {
            context.Console.Say($"{Sentence(preview.Value)} Nothing to {_action}.");
            if (context.Json)
                context.WriteJson(preview.Json);
            return OperatingExit.Done;
        }

        await context.ConfirmAsync(
            IsPurge
                ? $"{Sentence(preview.Value)} Delete them and their messages for good?"
                : $"{Sentence(preview.Value)} Replay them?",
            context.Get(_yes),
            cancellationToken);
        body.Remove("dryRun");
        body["token"] = preview.Value.Token;
        var job = await context.Client.SendAsync(
            HttpMethod.Post, $"dlq/{_action}", new OperatingQuery(), body.ToJsonString(), OperatingJson.Default.JobAnswer,
            cancellationToken);
        return await _following.FollowAsync(context, job, cancellationToken);
    }

    private static string Sentence(PreviewAnswer preview)
    {
        var counted = preview.Skipped == 0
            ? $"{ShownText.Count(preview.Count, "dead letter")} of this filter."
            : $"{ShownText.Count(preview.Count, "dead letter")} of this filter, and {ShownText.Number(preview.Skipped)} skipped, "
                + $"which were replayed {preview.MaxReplays} times.";
        return preview.Whole
            ? counted
            : $"{counted} There are too many to read: this is up to {ShownText.Clean(preview.Until)}. For later ones give a later --from.";
    }
}
