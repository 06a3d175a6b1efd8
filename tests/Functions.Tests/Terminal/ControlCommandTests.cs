using EmailIngestion.Local.Commands.Operating;
using Xunit;

namespace EmailIngestion.Functions.Tests.Terminal;

public sealed class ControlCommandTests
{
    // The command line, the request, its body, the answer, and what is shown.
    public static TheoryData<string, string, string, string, string> Commands => new()
    {
        { "jobs", "GET /api/jobs", "", $$"""{"jobs":[{{Answers.Job("running", 3)}}],"after":"job-1"}""", "More: add --after job-1" },
        { "jobs --limit 2 --after job-9", "GET /api/jobs?limit=2&after=job-9", "", """{"jobs":[],"after":null}""", "There are no jobs." },
        { "jobs show job-1", "GET /api/jobs/job-1", "", Answers.Job("waiting", reason: "The stream is full"), "The stream is full" },
        { "jobs show job-1", "GET /api/jobs/job-1", "", Answers.Job("queued", follows: "job-0"), "job-0" },
        { "jobs", "GET /api/jobs", "", $$"""{"jobs":[{{Answers.Job("queued", follows: "job-0")}}]}""", "It follows job job-0." },
        { "jobs show job-1 --wait", "GET /api/jobs/job-1", "", Answers.Job("completed", 12), "is completed: 12 done" },
        { "jobs cancel job-1", "DELETE /api/jobs/job-1", "", Answers.Job("cancelled"), "cancelled" },
        { "audit --limit 2", "GET /api/audit?limit=2", "", Answers.Audit, "bulk-replay" },
        {
            "pause --everything", "POST /api/control/pause?partition=%2A", """{"scope":"everything"}""", Answers.Control,
            "Paused: mailbox ann"
        },
        {
            "resume --everything --partition p", "POST /api/control/resume?partition=p", """{"scope":"everything"}""", Answers.Control,
            "Paused: mailbox ann"
        },
        {
            "pause --mailbox ann/INBOX --reason Moving", "POST /api/control/pause",
            """{"scope":"mailbox","mailbox":"ann/INBOX","reason":"Moving"}""", Answers.Control, "by ann: Moving"
        },
        {
            "resume --consumers --partition p", "POST /api/control/resume?partition=p", """{"scope":"consumers"}""",
            """{"paused":[],"concurrency":[]}""", "Nothing is paused."
        },
        {
            "poll-now bob/INBOX", "POST /api/mailboxes/poll", """{"mailbox":"bob/INBOX"}""",
            """{"mailbox":"bob/INBOX","note":"The server has asked for a wait until 12:05."}""", "has asked for a wait"
        },
        { "poll-now ann/INBOX", "POST /api/mailboxes/poll", """{"mailbox":"ann/INBOX"}""", Mailbox, "ann/INBOX is polled now" },
        { "mailboxes unpark ann/INBOX", "POST /api/mailboxes/unpark", """{"mailbox":"ann/INBOX"}""", Mailbox, "signs in again" },
        {
            "mailboxes forget ann/INBOX 41", "POST /api/mailboxes/forget", """{"mailbox":"ann/INBOX","uid":41}""",
            """{"mailbox":"ann/INBOX","uid":41,"forgotten":true}""", "passes over UID 41."
        },
        {
            "mailboxes forget ann/INBOX 42", "POST /api/mailboxes/forget", """{"mailbox":"ann/INBOX","uid":42}""",
            """{"mailbox":"ann/INBOX","uid":42,"forgotten":false}""", "do not stop before UID 42"
        },
        {
            "mailboxes backfill ann/INBOX --from 2026-01-31 --to 2026-02-28", "POST /api/mailboxes/backfill",
            """{"mailbox":"ann/INBOX","from":"2026-01-31","to":"2026-02-28"}""", Answers.Job("completed", 12), "is completed: 12 done"
        },
        { "concurrency", "GET /api/control", "", Answers.Control, "Concurrency: 20, since" },
        { "concurrency 20", "PUT /api/control/concurrency", """{"concurrency":20}""", Answers.Control, "Concurrency: 20" },
        { "concurrency default", "PUT /api/control/concurrency", """{"concurrency":null}""", Answers.Control, "Concurrency: 20" },
        { "settings", "GET /api/settings", "", Settings, "Consumer:BatchSize" },
    };

    private static string Mailbox => """{"mailbox":"ann/INBOX"}""";

    private static string Settings => """
        {"settings":[{"name":"Consumer:BatchSize","value":"10","isDefault":true,"isSecret":false},
        {"name":"Webhook:Secret","value":"***","isDefault":false,"isSecret":true}]}
        """;

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Each_command_asks_and_shows(string command, string request, string body, string answer, string shown)
    {
        await using var server = (await ScriptedServer.StartAsync()).On(request, answer);
        using var run = new TerminalRun { Width = 160 };

        var exit = await run.RunAsync([.. command.Split(' '), "--url", server.Url]);

        Assert.True(exit == OperatingExit.Done, $"{exit}: {run.Error}");
        var asked = Assert.Single(server.Requests);
        Assert.Equal((request, body), (asked.Request, asked.Body));
        Assert.Contains(shown, run.Out, StringComparison.Ordinal);
        Assert.Equal("", run.Error);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Each_command_passes_the_json_through(string command, string request, string body, string answer, string shown)
    {
        Assert.NotNull(body);
        Assert.NotNull(shown);
        await using var server = (await ScriptedServer.StartAsync()).On(request, answer);
        using var run = new TerminalRun();

        Assert.Equal(OperatingExit.Done, await run.RunAsync([.. command.Split(' '), "--json", "--url", server.Url]));

        Assert.Equal(answer.TrimEnd(), run.Out.TrimEnd());
        Assert.Equal("", run.Error);
    }

    [Fact]
    public async Task Settings_can_leave_out_the_defaults()
    {
        await using var server = (await ScriptedServer.StartAsync()).On("GET /api/settings", Settings);
        using var run = new TerminalRun();

        Assert.Equal(OperatingExit.Done, await run.RunAsync("settings", "--changed", "--url", server.Url));

        Assert.Contains("Webhook:Secret", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("Consumer:BatchSize", run.Out, StringComparison.Ordinal);
    }
}
