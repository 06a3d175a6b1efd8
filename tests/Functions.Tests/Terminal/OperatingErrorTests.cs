using System.Net;
using System.Net.Sockets;
using EmailIngestion.Local.Commands.Operating;
using Microsoft.AspNetCore.Hosting;
using Xunit;

namespace EmailIngestion.Functions.Tests.Terminal;

public sealed class OperatingErrorTests
{
    private const string Ask = "GET /api/jobs";

    [Theory]
    [InlineData(400, OperatingExit.Usage, "Title: Detail")]
    [InlineData(403, OperatingExit.NoAccess, "Title: Detail")]
    [InlineData(404, OperatingExit.NotFound, "Title: Detail")]
    [InlineData(409, OperatingExit.Refused, "Title: Detail")]
    [InlineData(413, OperatingExit.Error, "Title: Detail")]
    [InlineData(429, OperatingExit.Unavailable, "Title: Detail Try again in 8 s.")]
    [InlineData(500, OperatingExit.Error, "Title: Detail")]
    [InlineData(503, OperatingExit.Unavailable, "Title: Detail")]
    public async Task A_problem_is_shown_in_one_line(int status, int exit, string line)
    {
        await using var server = (await ScriptedServer.StartAsync()).On(
            Ask, ScriptedAnswer.Problem(status, "Title", "Detail\\u001b[31m") with { RetryAfter = "8" });
        using var run = new TerminalRun();

        Assert.Equal(exit, await run.RunAsync("jobs", "--url", server.Url));

        Assert.Equal(line, run.Error.Trim());
        Assert.Equal("", run.Out);
    }

    // A proxy, or a Functions host.
    [Theory]
    [InlineData(401, OperatingExit.NoAccess, "needs a key: set EMAIL_INGESTION_KEY")]
    [InlineData(403, OperatingExit.NoAccess, "use one with more rights")]
    [InlineData(404, OperatingExit.Error, "does not know the request")]
    [InlineData(405, OperatingExit.Error, "does not know the request")]
    [InlineData(418, OperatingExit.Error, "answered 418")]
    [InlineData(429, OperatingExit.Unavailable, "Try again later.")]
    [InlineData(500, OperatingExit.Error, "look at the server's log")]
    [InlineData(502, OperatingExit.Unavailable, "answered 502: try again later.")]
    [InlineData(504, OperatingExit.Unavailable, "answered 504: try again later.")]
    [InlineData(302, OperatingExit.Error, "redirects to http://elsewhere/login")]
    public async Task An_error_without_a_problem_says_what_to_do(int status, int exit, string says)
    {
        await using var server = (await ScriptedServer.StartAsync()).On(
            Ask, new ScriptedAnswer(status, "<html>") { ContentType = "text/html", Location = "http://elsewhere/login" });
        using var run = new TerminalRun { Width = 300 };

        Assert.Equal(exit, await run.RunAsync("jobs", "--url", server.Url));

        Assert.Contains(says, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_without_a_function_is_not_a_missing_item()
    {
        await using var host = await ScriptedServer.StartAsync();
        host.On("GET /api/jobs/1", ScriptedAnswer.Problem(404, "Not Found", "No function has this address."));
        using var run = new TerminalRun();

        Assert.Equal(OperatingExit.Error, await run.RunAsync("jobs", "show", "1", "--url", host.Url));
    }

    [Theory]
    [InlineData("<html>", "no JSON")]
    [InlineData("", "no JSON")]
    [InlineData("null", "null")]
    [InlineData("[]", "no JSON object")]
    [InlineData("""{"jobs":null}""", "unexpected JSON at $.jobs")]
    [InlineData("""{"jobs":[{"total":"many"}]}""", "unexpected JSON at $.jobs[0].total")]
    public async Task Another_answer_than_this_systems_is_refused(string body, string says)
    {
        await using var server = (await ScriptedServer.StartAsync()).On(Ask, body);
        using var run = new TerminalRun { Width = 300 };

        Assert.Equal(OperatingExit.Error, await run.RunAsync("jobs", "--json", "--url", server.Url));

        Assert.Contains(says, run.Error, StringComparison.Ordinal);
        Assert.Equal("", run.Out);
    }

    [Fact]
    public async Task Without_a_server_the_way_to_start_one_is_shown()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        // Bound and not listening: the port is nobody else's.
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var run = new TerminalRun { Width = 300 };

        Assert.Equal(
            OperatingExit.Unavailable,
            await run.RunAsync("status", "--url", $"http://127.0.0.1:{((IPEndPoint)socket.LocalEndPoint!).Port}"));

        Assert.Contains("does not answer: start `dotnet run --project Local`", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_nobody_trusts_is_named()
    {
        using var certificate = TestCertificate.Create();
        await using var server = await ScriptedServer.StartAsync(listen => listen.UseHttps(certificate));
        using var run = new TerminalRun { Width = 300 };

        Assert.Equal(OperatingExit.Unavailable, await run.RunAsync("status", "--url", server.Url));

        Assert.Contains("certificate", run.Error, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("status --url ftp://localhost")]
    [InlineData("status --url localhost:7071")]
    [InlineData("status --url http://user:secret@localhost")]
    [InlineData("status --url http://localhost/?code=secret")]
    [InlineData("status --key a --key-file b")]
    [InlineData("status --key grüße")]
    [InlineData("status --key-file /does/not/exist")]
    [InlineData("status --nothing")]
    [InlineData("dlq")]
    [InlineData("dlq list --limit 0")]
    [InlineData("dlq list --limit many")]
    [InlineData("dlq list --from yesterday")]
    [InlineData("dlq show")]
    [InlineData("pause")]
    [InlineData("pause --everything --consumers")]
    [InlineData("concurrency 0")]
    [InlineData("concurrency 1001")]
    [InlineData("mailboxes backfill ann/INBOX")]
    [InlineData("mailboxes backfill ann/INBOX --from 31.1.2026")]
    [InlineData("mailboxes forget ann/INBOX x")]
    public async Task Wrong_usage_asks_no_server(string command)
    {
        using var run = new TerminalRun { Environment = { ["EMAIL_INGESTION_KEY"] = "k" } };

        Assert.Equal(OperatingExit.Usage, await run.RunAsync(command.Split(' ')));

        Assert.NotEqual("", run.Error);
        Assert.DoesNotContain("secret", run.Error, StringComparison.Ordinal);
    }
}
