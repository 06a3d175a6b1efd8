using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Local.Commands.Operating;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Functions.Tests.Terminal;

public sealed class StatusCommandTests
{
    private const string Ask = "GET /api/status";

    // The answer of a version without states, rates and advice.
    private const string Older = """
        {"at":"2026-01-31T12:03:20Z","circuitBreaker":"open","processorError":"503 from the webhook",
        "partitions":[{"partition":"","depth":0,"lag":0,"pending":0,"dlqDepth":0,"memoryUsedBytes":1,"memoryMaxBytes":0,"consumers":[],
        "warnings":["Redis keeps nothing on disk."],
        "mailboxes":[{"name":"ann/INBOX","lastSuccess":null,"error":"NO","parked":true}]}]}
        """;

    [Fact]
    public async Task The_status_fits_into_80_columns_with_warnings_first()
    {
        await using var server = (await ScriptedServer.StartAsync()).On(Ask, Answers.Status);
        using var run = new TerminalRun();

        Assert.Equal(OperatingExit.Done, await run.RunAsync("status", "--url", server.Url));

        Assert.Equal("", run.Error);
        Assert.Equal(
            """
            Email ingestion 0.1.0  ·  2026-01-31 12:03:20 UTC
            process poller-1: poll, consume
            ! 3 dead letters wait.
              → Look at them: dlq groups.

            Stream            12 outstanding (10 waiting, 2 delivered), the oldest for 34 s
            Dead letters      3
            Per minute        12.5 in, 11 done, 0 dead-lettered
            Waiting           half within 0.012 s, 95 % within 0.5 s, 99 % within 1.3 s
            Depth, last hour  ·▁█ max 12
            Concurrency       10 for each consumer
            Circuit           closed
            Redis             12.4 MB of 100 MB (12.4 %)

            mailbox                state            read  behind  what it does
            bob@example.org/INBOX  backing off     never       –  Backing off until
                                                                  12:03:50 after 3 failed
                                                                  polls: NO
                                                                  [AUTHENTICATIONFAILED]
            ann@example.org/INBOX  watching     20 s ago       0  Waiting for new mail
                                                                  (IDLE).

            consumer  state    pending  last read  longest in work
            c-1       running        2    0 s ago              2 s
            c-2       paused         0  1 min ago                –
            """,
            Lines(run.Out));
    }

    [Fact]
    public async Task A_narrow_terminal_shows_records_instead_of_columns()
    {
        await using var server = (await ScriptedServer.StartAsync()).On(Ask, Answers.Status);
        using var run = new TerminalRun { Width = 40 };

        Assert.Equal(OperatingExit.Done, await run.RunAsync("mailboxes", "--url", server.Url));

        Assert.Equal(
            """
            mailbox       bob@example.org/INBOX
            state         backing off
            read          never
            behind        –
            what it does  Backing off until 12:03:50
                          after 3 failed polls: NO
                          [AUTHENTICATIONFAILED]

            mailbox       ann@example.org/INBOX
            state         watching
            read          20 s ago
            behind        0
            what it does  Waiting for new mail
                          (IDLE).
            """,
            Lines(run.Out).Trim());
    }

    [Theory]
    [InlineData("status --bogus")]
    [InlineData("dlq list --limit 0 --json")]
    [InlineData("dlq show")]
    public async Task A_wrong_flag_writes_nothing_to_the_pipe(string command)
    {
        using var run = new TerminalRun();
        Assert.Equal(OperatingExit.Usage, await run.RunAsync([.. command.Split(' ')]));
        Assert.Equal("", run.Out);
        Assert.NotEqual("", run.Error);
    }

    [Fact]
    public async Task An_older_server_is_shown_with_what_it_answers()
    {
        await using var server = (await ScriptedServer.StartAsync()).On(Ask, Older);
        using var run = new TerminalRun();

        Assert.Equal(OperatingExit.Done, await run.RunAsync("status", "--url", server.Url));

        var lines = Lines(run.Out).Split('\n');
        Assert.Equal("! The circuit is open: 503 from the webhook", lines[1]);
        Assert.Equal("! Redis keeps nothing on disk.", lines[2]);
        Assert.Contains(lines, line => line.StartsWith("ann/INBOX  parked", StringComparison.Ordinal));
        Assert.Contains("There is no consumer.", lines);
    }

    [Theory]
    [InlineData("paused")]
    [InlineData("polling")]
    public async Task A_parked_mailbox_comes_first_in_every_state(string state)
    {
        var status = Answers.Status.Replace("\"watching\"", $"\"{state}\"", StringComparison.Ordinal);
        var at = status.IndexOf("\"parked\":false", StringComparison.Ordinal);
        status = $"{status[..at]}\"parked\":true{status[(at + "\"parked\":false".Length)..]}";
        await using var server = (await ScriptedServer.StartAsync()).On(Ask, status);
        using var run = new TerminalRun();

        Assert.Equal(OperatingExit.Done, await run.RunAsync("mailboxes", "--url", server.Url));

        Assert.StartsWith($"ann@example.org/INBOX  {state}, parked", Lines(run.Out).Split('\n')[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_of_servers_cannot_steer_the_terminal()
    {
        var hostile = Older.Replace("\"NO\"", "\"\\u001b[2J[red]x[/]\\u202eevil\\u009b31m\"", StringComparison.Ordinal)
            .Replace("\"ann/INBOX\"", "\"a[/]\\u001b]0;title\\u0007\"", StringComparison.Ordinal);
        await using var server = (await ScriptedServer.StartAsync()).On(Ask, hostile);
        using var run = new TerminalRun { Width = 160 };

        Assert.Equal(OperatingExit.Done, await run.RunAsync("mailboxes", "--url", server.Url));

        Assert.DoesNotContain(run.Out, character => character != '\n' && char.IsControl(character));
        Assert.DoesNotContain('\u202e', run.Out);
        Assert.Contains("[red]x[/] evil", run.Out, StringComparison.Ordinal);
        Assert.Contains("a[/]", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Consumers_show_what_is_in_work()
    {
        await using var server = (await ScriptedServer.StartAsync()).On(Ask, Answers.Status);
        using var run = new TerminalRun();

        Assert.Equal(OperatingExit.Done, await run.RunAsync("consumers", "--url", server.Url));

        Assert.Contains("In work in process poller-1:", run.Out, StringComparison.Ordinal);
        Assert.Contains("ann@example.org/INBOX   41  1700000000000-0  2 s         1  c-1", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_deliveries_of_a_consumer_are_listed_without_steering_the_terminal()
    {
        await using var server = (await ScriptedServer.StartAsync()).On(
            "GET /api/deliveries?consumer=c-2%23ab&limit=2",
            """
            {"deliveries":[{"entryId":"1700000000000-0","consumer":"c-2#ab","mailbox":"ann@example.org/INBOX","uid":41,
            "subject":"In\u001b[2Jvoice\u202e [red]","ageSeconds":12.5,"idleSeconds":2.5,"deliveryCount":3},
            {"entryId":"1700000000001-0","consumer":"(retry)","mailbox":null,"uid":null,"subject":null,"ageSeconds":1,"idleSeconds":1,
            "deliveryCount":1}],"after":"1700000000001-0"}
            """);
        using var run = new TerminalRun { Width = 160 };

        Assert.Equal(
            OperatingExit.Done,
            await run.RunAsync("consumers", "deliveries", "--consumer", "c-2#ab", "--limit", "2", "--url", server.Url));

        Assert.Contains("ann@example.org/INBOX", run.Out, StringComparison.Ordinal);
        Assert.Contains("c-2#ab", run.Out, StringComparison.Ordinal);
        Assert.Contains("In voice [red]", run.Out, StringComparison.Ordinal);
        Assert.Contains("More: add --after 1700000000001-0", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Out);
        Assert.DoesNotContain('\u202e', run.Out);
    }

    [Fact]
    public async Task A_partition_that_is_not_served_is_named()
    {
        await using var server = (await ScriptedServer.StartAsync()).On($"{Ask}?partition=other", Answers.Status);
        using var run = new TerminalRun();

        Assert.Equal(OperatingExit.Usage, await run.RunAsync("mailboxes", "--url", server.Url, "--partition", "other"));

        Assert.Equal("--partition is 'other': the server has ''.", Lines(run.Error));
    }

    [Fact]
    public async Task Json_is_passed_through_unchanged()
    {
        await using var server = (await ScriptedServer.StartAsync()).On(Ask, Answers.Status);
        using var run = new TerminalRun { Width = 20 };

        Assert.Equal(OperatingExit.Done, await run.RunAsync("status", "--json", "--url", server.Url));

        Assert.Equal(Answers.Status + Environment.NewLine, run.Out);
        Assert.Equal("", run.Error);
    }

    [Fact]
    public async Task Watching_goes_on_after_an_outage_until_it_is_stopped()
    {
        await using var server = (await ScriptedServer.StartAsync()).On(
            Ask,
            new ScriptedAnswer(200, Answers.Status),
            ScriptedAnswer.Problem(503, "Redis is not reachable", "Redis does not answer."),
            new ScriptedAnswer(ScriptedAnswer.Abort, ""),
            new ScriptedAnswer(200, Older));
        var time = new FakeTimeProvider();
        using var run = new TerminalRun { Time = time };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        var watch = run.RunAsync(stop.Token, "status", "--watch", "--url", server.Url);
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(2));
                return run.Out.Contains("Redis keeps nothing on disk.", StringComparison.Ordinal);
            },
            "the status after the outage");
        await stop.CancelAsync();

        Assert.Equal(OperatingExit.Interrupted, await watch);
        Assert.Contains("Redis does not answer. Trying again.", run.Error, StringComparison.Ordinal);
        Assert.Contains("broke the connection", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watching_ends_where_the_key_is_wrong()
    {
        await using var server = (await ScriptedServer.StartAsync()).On(Ask, ScriptedAnswer.Problem(401, "Unauthorized", "A key."));
        using var run = new TerminalRun();

        Assert.Equal(OperatingExit.NoAccess, await run.RunAsync("status", "--watch", "--url", server.Url));
    }

    private static string Lines(string text) =>
        string.Join('\n', text.Split('\n').Select(line => line.TrimEnd())).TrimEnd('\n');
}
