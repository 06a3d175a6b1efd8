using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Local.Commands.Operating;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Functions.Tests.Terminal;

public sealed class DeadLetterChangeTests
{
    private const string Id = "1700000000000-0";
    private const string Preview = """{"filter":{"fingerprint":"f00d"},"dryRun":true}""";
    private const string Start = """{"filter":{"fingerprint":"f00d"},"token":"t0"}""";

    [Fact]
    public async Task One_is_replayed_at_once()
    {
        await using var server = (await ScriptedServer.StartAsync()).On(
            $"POST /api/dlq/{Id}/replay", $$"""{"id":"{{Id}}","entryId":"1800000000000-0"}""");
        using var run = new TerminalRun();

        Assert.Equal(OperatingExit.Done, await run.RunAsync("dlq", "replay", Id, "--url", server.Url));

        Assert.Equal($"{Id} is back in the stream as 1800000000000-0.", run.Out.Trim());
    }

    [Theory]
    [InlineData("y", OperatingExit.Done, 1)]
    [InlineData("YES", OperatingExit.Done, 1)]
    [InlineData("n", OperatingExit.Refused, 0)]
    [InlineData("", OperatingExit.Refused, 0)]
    [InlineData(null, OperatingExit.Usage, 0)]
    public async Task One_is_deleted_only_after_a_confirmation(string? typed, int exit, int requests)
    {
        await using var server = (await ScriptedServer.StartAsync()).On($"DELETE /api/dlq/{Id}", new ScriptedAnswer(204, ""));
        using var run = new TerminalRun { Typed = typed };

        Assert.Equal(exit, await run.RunAsync("dlq", "purge", Id, "--url", server.Url));

        Assert.Equal(requests, server.Requests.Count);
        Assert.Contains($"Delete dead letter {Id} and its message for good?", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("replay")]
    [InlineData("purge")]
    public async Task Many_are_counted_confirmed_and_followed(string action)
    {
        await using var server = (await ScriptedServer.StartAsync())
            .On($"POST /api/dlq/{action}", new ScriptedAnswer(200, Answers.Preview), new ScriptedAnswer(202, Answers.Job("queued")))
            .On(
                "GET /api/jobs/job-1",
                new ScriptedAnswer(200, Answers.Job("waiting", 3, reason: "The stream is at its limit")),
                ScriptedAnswer.Problem(503, "Redis is not reachable", "Redis does not answer."),
                new ScriptedAnswer(200, Answers.Job("completed", 12)));
        var time = new FakeTimeProvider();
        using var run = new TerminalRun { Typed = "y", Time = time, Width = 160 };

        Assert.Equal(
            OperatingExit.Done, await AdvanceAsync(time, run.RunAsync("dlq", action, "--fingerprint", "f00d", "--url", server.Url)));

        var posts = server.Requests.Where(request => request.Body.Length > 0).ToArray();
        Assert.Equal([Preview, Start], posts.Select(post => post.Body));
        Assert.All(posts, post => Assert.StartsWith("application/json", post.ContentType, StringComparison.Ordinal));
        Assert.Contains(
            "12 dead letters of this filter, and 1 skipped, which were replayed 5 times.", run.Error, StringComparison.Ordinal);
        Assert.Contains("replay waiting, 3 of 12: The stream is at its limit", run.Error, StringComparison.Ordinal);
        Assert.Contains("Redis does not answer. Trying again.", run.Error, StringComparison.Ordinal);
        Assert.Equal("Job job-1 (replay) is completed: 12 done, 0 skipped, 0 failed.", run.Out.Trim());
    }

    [Theory]
    [InlineData("failed", 3, 0)]
    [InlineData("cancelled", 3, 0)]
    [InlineData("completed", 11, 1)]
    public async Task A_job_that_leaves_something_undone_has_its_own_exit_code(string state, long done, long failed)
    {
        await using var server = (await ScriptedServer.StartAsync()).On(
            "POST /api/dlq/replay",
            new ScriptedAnswer(200, Answers.Preview),
            new ScriptedAnswer(202, Answers.Job(state, done, failed, "Redis refused")));
        using var run = new TerminalRun();

        Assert.Equal(OperatingExit.Unfinished, await run.RunAsync("dlq", "replay", "--all", "--yes", "--json", "--url", server.Url));

        Assert.Equal(Answers.Job(state, done, failed, "Redis refused"), run.Out.TrimEnd());
    }

    [Fact]
    public async Task Without_a_terminal_scripts_must_say_yes()
    {
        await using var server = (await ScriptedServer.StartAsync()).On("POST /api/dlq/purge", Answers.Preview);
        using var run = new TerminalRun();

        Assert.Equal(OperatingExit.Usage, await run.RunAsync("dlq", "purge", "--all", "--url", server.Url));

        Assert.Contains("--yes", run.Error, StringComparison.Ordinal);
        Assert.Equal("""{"filter":{},"dryRun":true}""", Assert.Single(server.Requests).Body);
    }

    [Fact]
    public async Task Who_does_not_wait_gets_the_jobs_id()
    {
        await using var server = (await ScriptedServer.StartAsync()).On(
            "POST /api/dlq/replay", new ScriptedAnswer(200, Answers.Preview), new ScriptedAnswer(202, Answers.Job("queued")));
        using var run = new TerminalRun();

        Assert.Equal(
            OperatingExit.Done, await run.RunAsync("dlq", "replay", "--fingerprint", "f00d", "--yes", "--no-wait", "--url", server.Url));

        Assert.Equal("Job job-1 runs: `jobs show job-1`.", run.Out.Trim());
    }

    [Fact]
    public async Task A_dry_run_only_counts()
    {
        await using var server = (await ScriptedServer.StartAsync()).On("POST /api/dlq/purge?partition=p", Answers.Preview);
        using var run = new TerminalRun();

        Assert.Equal(
            OperatingExit.Done,
            await run.RunAsync("dlq", "purge", "--fingerprint", "f00d", "--dry-run", "--partition", "p", "--json", "--url", server.Url));

        Assert.Equal(Answers.Preview, run.Out.TrimEnd());
        Assert.Equal(Preview, Assert.Single(server.Requests).Body);
    }

    [Fact]
    public async Task Nothing_to_do_is_not_an_error()
    {
        await using var server = (await ScriptedServer.StartAsync()).On(
            "POST /api/dlq/replay", """{"count":0,"until":null,"token":"t0","expires":null,"maxReplays":5,"skipped":0}""");
        using var run = new TerminalRun();

        Assert.Equal(OperatingExit.Done, await run.RunAsync("dlq", "replay", "--all", "--url", server.Url));

        Assert.Equal("0 dead letters of this filter. Nothing to replay.", run.Error.Trim());
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_preview_that_is_out_of_date_changes_nothing()
    {
        await using var server = (await ScriptedServer.StartAsync()).On(
            "POST /api/dlq/purge",
            new ScriptedAnswer(200, Answers.Preview),
            ScriptedAnswer.Problem(409, "Preview again", "13 dead letters are there now, 12 were shown."));
        using var run = new TerminalRun { Typed = "y" };

        Assert.Equal(OperatingExit.Refused, await run.RunAsync("dlq", "purge", "--all", "--url", server.Url));

        Assert.Contains("Preview again: 13 dead letters are there now", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("1-0", "--all")]
    [InlineData("1-0", "--reason", "permanent")]
    [InlineData("--all", "--reason", "permanent")]
    [InlineData("1-0", "--dry-run")]
    public async Task What_is_to_be_changed_must_be_clear(params string[] flags)
    {
        await using var server = await ScriptedServer.StartAsync();
        using var run = new TerminalRun { Typed = "y" };

        Assert.Equal(OperatingExit.Usage, await run.RunAsync(["dlq", "purge", .. flags, "--url", server.Url]));

        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("--mailbox")]
    [InlineData("--fingerprint")]
    [InlineData("--reason")]
    [InlineData("--error-type")]
    [InlineData("--from")]
    [InlineData("--to")]
    [InlineData("--text")]
    public async Task A_variable_that_is_not_set_does_not_select_all(string flag)
    {
        await using var server = (await ScriptedServer.StartAsync()).On(
            "POST /api/dlq/purge", new ScriptedAnswer(200, Answers.Preview), new ScriptedAnswer(202, Answers.Job("completed", 12)));
        using var run = new TerminalRun { Width = 200 };

        Assert.Equal(OperatingExit.Usage, await run.RunAsync("dlq", "purge", flag, "", "--yes", "--url", server.Url));

        Assert.Empty(server.Requests);
        Assert.Contains($"{flag} is empty", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("01/02/2026")]
    [InlineData("10:30")]
    [InlineData("2026-1-2")]
    [InlineData("2026-01-31 10:30")]
    public async Task A_time_that_may_be_read_in_two_ways_is_refused(string time)
    {
        await using var server = (await ScriptedServer.StartAsync()).On("POST /api/dlq/purge", Answers.Preview);
        using var run = new TerminalRun { Width = 200 };

        Assert.Equal(OperatingExit.Usage, await run.RunAsync("dlq", "purge", "--to", time, "--dry-run", "--url", server.Url));

        Assert.Empty(server.Requests);
        Assert.Contains($"--to is '{time}'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_count_may_take_longer_than_other_answers()
    {
        await using var server = (await ScriptedServer.StartAsync()).On(
            "POST /api/dlq/purge", new ScriptedAnswer(200, Answers.Preview) { Delay = TimeSpan.FromSeconds(2) });
        using var run = new TerminalRun { Timeouts = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromMinutes(5)) };

        Assert.Equal(OperatingExit.Done, await run.RunAsync("dlq", "purge", "--all", "--dry-run", "--url", server.Url));
    }

    [Fact]
    public async Task A_count_does_not_wait_without_end()
    {
        await using var server = (await ScriptedServer.StartAsync()).On(
            "POST /api/dlq/purge", new ScriptedAnswer(200, Answers.Preview) { Delay = TimeSpan.FromMinutes(10) });
        using var run = new TerminalRun { Timeouts = new(TimeSpan.FromMinutes(5), TimeSpan.FromMilliseconds(200)), Width = 200 };

        Assert.Equal(OperatingExit.Unavailable, await run.RunAsync("dlq", "purge", "--all", "--dry-run", "--url", server.Url));

        Assert.Contains("does not answer within 0.2 s", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_leaves_the_job_running_and_says_so()
    {
        await using var server = (await ScriptedServer.StartAsync())
            .On("POST /api/dlq/replay", new ScriptedAnswer(200, Answers.Preview), new ScriptedAnswer(202, Answers.Job("queued")))
            .On("GET /api/jobs/job-1", Answers.Job("running", 1));
        using var run = new TerminalRun { Width = 160 };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        var replay = run.RunAsync(stop.Token, "dlq", "replay", "--all", "--yes", "--url", server.Url);
        await Eventually.TrueAsync(() => run.Error.Contains("running", StringComparison.Ordinal), "the job is followed");
        await stop.CancelAsync();

        Assert.Equal(OperatingExit.Interrupted, await replay);
        Assert.Contains("Job job-1 goes on", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Requests, request => request.Request.StartsWith("DELETE", StringComparison.Ordinal));
    }

    private static async Task<int> AdvanceAsync(FakeTimeProvider time, Task<int> run)
    {
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return run.IsCompleted;
            },
            "the end of the job");
        return await run;
    }
}
