using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Local.Commands.Operating;
using Xunit;

namespace EmailIngestion.Functions.Tests.Terminal;

public sealed class DeadLetterCommandTests
{
    private const string Id = "1700000000000-0";

    private static readonly byte[] Raw = [.. "Subject: x\r\n\r\n\u001b[2J"u8, 0xff, 0];

    [Fact]
    public async Task The_list_shows_text_of_mail_as_it_is()
    {
        await using var server = (await ScriptedServer.StartAsync()).On("GET /api/dlq", Answers.Page);
        using var run = new TerminalRun();

        Assert.Equal(OperatingExit.Done, await run.RunAsync("dlq", "list", "--url", server.Url));

        Assert.Contains("Invoice [bold]41[/]", run.Out, StringComparison.Ordinal);
        Assert.Contains("2024-01-02 03:04:07", run.Out, StringComparison.Ordinal);
        Assert.Contains($"More: add --after {Id}", run.Out, StringComparison.Ordinal);
        Assert.All(run.Out.Split('\n'), line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public async Task Filters_and_pages_become_parameters()
    {
        const string query = "?mailbox=ann%40example.org%2FAll%20%26%20more&fingerprint=f00d&reason=permanent&errorType=Refused"
            + "&from=2024-01-31T00%3A00%3A00.000Z&to=2024-02-01T11%3A30%3A00.000Z&text=gr%C3%BC%C3%9Fe&limit=2&after=1-0&newest=true"
            + "&partition=p";
        await using var server = (await ScriptedServer.StartAsync()).On($"GET /api/dlq{query}", """{"deadLetters":[],"after":null}""");
        using var run = new TerminalRun();

        Assert.Equal(
            OperatingExit.Done,
            await run.RunAsync(
                "dlq", "list", "--url", server.Url, "--mailbox", "ann@example.org/All & more", "--fingerprint", "f00d",
                "--reason", "permanent", "--error-type", "Refused", "--from", "2024-01-31", "--to", "2024-02-01T12:30:00+01:00",
                "--text", "grüße", "--limit", "2", "--after", "1-0", "--newest", "--partition", "p"));

        Assert.Equal("There are no dead letters of this kind.", run.Out.Trim());
    }

    [Fact]
    public async Task Groups_name_their_largest_mailboxes()
    {
        await using var server = (await ScriptedServer.StartAsync()).On("GET /api/dlq/groups?mailbox=a%2FINBOX", Answers.Groups);
        using var run = new TerminalRun { Width = 160 };

        Assert.Equal(OperatingExit.Done, await run.RunAsync("dlq", "groups", "--mailbox", "a/INBOX", "--url", server.Url));

        Assert.Contains("12  f00d         2024-01-03 03:04:06  permanent Refused", run.Out, StringComparison.Ordinal);
        Assert.Contains("a/INBOX (5), b/INBOX (4), c/INBOX (2) and 1 more", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_dead_letter_is_shown_with_its_stack_trace()
    {
        await using var server = (await ScriptedServer.StartAsync()).On($"GET /api/dlq/{Id}", Answers.DeadLetter);
        using var run = new TerminalRun();

        Assert.Equal(OperatingExit.Done, await run.RunAsync("dlq", "show", Id, "--url", server.Url));

        Assert.Contains("Error          Refused: Row 1 is wrong", run.Out, StringComparison.Ordinal);
        Assert.Contains("Replays        2", run.Out, StringComparison.Ordinal);
        Assert.Contains("   at Rows.Read()", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_id_cannot_leave_its_place_in_the_address()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var run = new TerminalRun();

        await run.RunAsync("dlq", "show", "../status?x=1", "--url", server.Url);

        Assert.StartsWith("GET /api/dlq/..%2Fstatus", Assert.Single(server.Requests).Request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_message_goes_to_a_pipe_byte_by_byte()
    {
        await using var server = (await ScriptedServer.StartAsync()).On($"GET /api/dlq/{Id}/raw", Mail());
        using var run = new TerminalRun();

        Assert.Equal(OperatingExit.Done, await run.RunAsync("dlq", "raw", Id, "--url", server.Url));

        Assert.Equal(Raw, run.Bytes);
    }

    [Fact]
    public async Task The_message_does_not_go_to_a_terminal()
    {
        await using var server = (await ScriptedServer.StartAsync()).On($"GET /api/dlq/{Id}/raw", Mail());
        using var run = new TerminalRun { IsTerminal = true };

        Assert.Equal(OperatingExit.Usage, await run.RunAsync("dlq", "raw", Id, "--url", server.Url));
        Assert.Empty(run.Bytes);
        Assert.Empty(server.Requests);
        Assert.Contains("-o FILE", run.Error, StringComparison.Ordinal);

        Assert.Equal(OperatingExit.Done, await run.RunAsync("dlq", "raw", Id, "--force", "--url", server.Url));
        Assert.Equal(Raw, run.Bytes);
    }

    [Fact]
    public async Task A_file_belongs_to_its_owner_and_is_not_replaced()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "a.eml");
        await using var server = (await ScriptedServer.StartAsync()).On($"GET /api/dlq/{Id}/raw", Mail());
        using var run = new TerminalRun { IsTerminal = true };

        Assert.Equal(OperatingExit.Done, await run.RunAsync("dlq", "raw", Id, "-o", file, "--url", server.Url));
        Assert.Equal(Raw, await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));

        await File.WriteAllTextAsync(file, "mine", TestContext.Current.CancellationToken);
        Assert.Equal(OperatingExit.Usage, await run.RunAsync("dlq", "raw", Id, "-o", file, "--url", server.Url));
        Assert.Equal("mine", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.Equal(OperatingExit.Done, await run.RunAsync("dlq", "raw", Id, "-o", file, "--force", "--url", server.Url));
        Assert.Equal(Raw, await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_archive_that_breaks_off_leaves_no_file()
    {
        using var folder = new TemporaryFolder();
        await using var server = (await ScriptedServer.StartAsync()).On(
            "GET /api/dlq/export?fingerprint=f00d&after=1-0",
            new ScriptedAnswer(200, new byte[5000]) { ContentType = "application/zip", Truncated = true },
            new ScriptedAnswer(200, new byte[5000]) { ContentType = "application/zip" });
        using var run = new TerminalRun();
        var file = Path.Combine(folder.Path, "a.zip");
        string[] export =
            ["dlq", "export", "--fingerprint", "f00d", "--after", "1-0", "-o", file, "--json", "--url", server.Url];

        Assert.Equal(OperatingExit.Unavailable, await run.RunAsync(export));
        Assert.Empty(Directory.GetFiles(folder.Path));
        Assert.Contains("broke the connection", run.Error, StringComparison.Ordinal);

        Assert.Equal(OperatingExit.Done, await run.RunAsync(export));
        Assert.Equal(5000, new FileInfo(file).Length);
        Assert.Contains("\"bytes\":5000", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_archive_that_is_full_says_how_to_go_on(bool isFile)
    {
        using var folder = new TemporaryFolder();
        byte[] zip = [.. new byte[5000], .. "after=1700000000000-7"u8];
        await using var server = (await ScriptedServer.StartAsync()).On(
            "GET /api/dlq/export", new ScriptedAnswer(200, zip) { ContentType = "application/zip" });
        using var run = new TerminalRun { Width = 200 };
        string[] output = isFile ? ["-o", Path.Combine(folder.Path, "a.zip"), "--json"] : [];

        Assert.Equal(OperatingExit.Done, await run.RunAsync(["dlq", "export", .. output, "--url", server.Url]));

        Assert.Contains("--after 1700000000000-7", run.Error, StringComparison.Ordinal);
        Assert.Equal(isFile, run.Out.Contains("\"after\":\"1700000000000-7\"", StringComparison.Ordinal));
        Assert.Equal(isFile ? [] : zip, run.Bytes);
    }

    [Fact]
    public async Task A_message_that_ends_like_a_full_archive_is_no_archive()
    {
        await using var server = (await ScriptedServer.StartAsync()).On(
            $"GET /api/dlq/{Id}/raw", new ScriptedAnswer(200, "after=1-0"u8.ToArray()) { ContentType = "message/rfc822" });
        using var run = new TerminalRun();

        Assert.Equal(OperatingExit.Done, await run.RunAsync("dlq", "raw", Id, "--url", server.Url));

        Assert.Equal("", run.Error);
    }

    [Fact]
    public async Task A_folder_that_does_not_exist_is_named()
    {
        await using var server = (await ScriptedServer.StartAsync()).On($"GET /api/dlq/{Id}/raw", Mail());
        using var run = new TerminalRun();

        Assert.Equal(
            OperatingExit.Error, await run.RunAsync("dlq", "raw", Id, "-o", "/does/not/exist.eml", "--url", server.Url));

        Assert.Contains("/does/not/exist.eml cannot be written", run.Error, StringComparison.Ordinal);
    }

    private static ScriptedAnswer Mail() => new(200, Raw) { ContentType = "message/rfc822" };
}
