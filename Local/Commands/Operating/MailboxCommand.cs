using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using EmailIngestion.Local.Commands.Operating.Answers;
using Spectre.Console;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary>The commands that change one mailbox: <c>mailboxes unpark|forget|backfill</c>, and <c>poll-now</c>.</summary>
internal static class MailboxCommand
{
    private const string DateForm = "yyyy-MM-dd";

    public static IEnumerable<Command> All(OperatingCommands commands) => [Unpark(commands), Forget(commands), Backfill(commands)];

    public static Argument<string> Name() => new("mailbox") { Description = "The mailbox as `mailboxes` shows it: account/folder." };

    /// <summary>Posts a change of one mailbox, and writes what happens next.</summary>
    public static async Task<int> PostAsync(
        OperatingContext context, string path, JsonObject body, Func<MailboxActionAnswer, string> says, CancellationToken cancellationToken)
    {
        var answer = await context.Client.SendAsync(
            HttpMethod.Post, path, new OperatingQuery(), body.ToJsonString(), OperatingJson.Default.MailboxActionAnswer, cancellationToken);
        return context.Show(answer, changed => new Text($"{ShownText.Clean(says(changed), ShownText.MaxMessage)}\n"));
    }

    public static Command PollNow(OperatingCommands commands) =>
        Request(commands, "poll-now", "Polls a mailbox at once.", "mailboxes/poll", "is polled now");

    private static Command Unpark(OperatingCommands commands) => Request(
        commands,
        "unpark",
        "Polls a parked mailbox again, after its account or its settings were corrected.",
        "mailboxes/unpark",
        "signs in again");

    // What happens is said unless the answer has a note.
    private static Command Request(OperatingCommands commands, string name, string description, string path, string happens)
    {
        var mailbox = Name();
        var request = commands.Make(
            name,
            description,
            (context, cancellationToken) => PostAsync(
                context,
                path,
                new JsonObject { ["mailbox"] = context.Get(mailbox) },
                answer => answer.Note ?? $"{context.Get(mailbox)} {happens}; `mailboxes` shows the result.",
                cancellationToken));
        request.Arguments.Add(mailbox);
        return request;
    }

    private static Command Forget(OperatingCommands commands)
    {
        var name = Name();
        var uid = new Argument<uint>("uid") { Description = "The UID of the email." };
        var forget = commands.Make(
            "forget",
            "Passes over an email before which the polls of a mailbox stop. It becomes a dead letter.",
            (context, cancellationToken) => PostAsync(
                context,
                "mailboxes/forget",
                new JsonObject { ["mailbox"] = context.Get(name), ["uid"] = context.Get(uid) },
                answer => answer.Forgotten == true
                    ? $"The next poll of {context.Get(name)} passes over UID {context.Get(uid)}."
                    : $"The polls of {context.Get(name)} do not stop before UID {context.Get(uid)}: nothing is changed.",
                cancellationToken));
        forget.Arguments.Add(name);
        forget.Arguments.Add(uid);
        return forget;
    }

    private static Command Backfill(OperatingCommands commands)
    {
        var name = Name();
        var from = Date("--from", "The first day, as yyyy-MM-dd.");
        from.Required = true;
        var to = Date("--to", "The last day, as yyyy-MM-dd. Default: today.");
        var follow = new JobFollowing();
        var backfill = commands.Make(
            "backfill",
            "Reads older mail of a mailbox, below its cursor, as a job.",
            async (context, cancellationToken) =>
            {
                var body = new JsonObject { ["mailbox"] = context.Get(name), ["from"] = context.Get(from) };
                if (context.Get(to) is { } last)
                    body["to"] = last;
                var job = await context.Client.SendAsync(
                    HttpMethod.Post, "mailboxes/backfill", new OperatingQuery(), body.ToJsonString(),
                    OperatingJson.Default.JobAnswer, cancellationToken);
                return await follow.FollowAsync(context, job, cancellationToken);
            });
        backfill.Arguments.Add(name);
        backfill.Options.Add(from);
        backfill.Options.Add(to);
        backfill.Options.Add(follow.NoWait);
        return backfill;
    }

    private static Option<string?> Date(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text
                && !DateOnly.TryParseExact(text, DateForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            {
                result.AddError($"{name} is '{ShownText.Clean(text)}': it must be a date as {DateForm}.");
            }
        });
        return option;
    }
}
