using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>
/// The poll of an announced email finds and fetches it by one request, and loses nothing whatever a server answers to that. No timer fires
/// in these tests.
/// </summary>
public sealed class AnnouncedEmailTests(TestServers servers) : IDisposable
{
    private const string Search = "UID SEARCH UID 4:*";
    private const string Fetch = "UID FETCH 4:11 (";

    private readonly LogLines _log = new();
    private readonly ImapPeer _peer = ImapPeer.WithIdle();

    public void Dispose()
    {
        _peer.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task It_is_found_and_fetched_without_another_request()
    {
        await using var partition = new TestPartition(servers);
        await IdlingAsync(partition);

        await ArriveAsync(partition, 4);

        var commands = _peer.Commands.TakeWhile(command => command.StartsWith("UID ", StringComparison.Ordinal)).ToArray();
        Assert.Equal([Search, Fetch], commands.Select(command => command.StartsWith(Fetch, StringComparison.Ordinal) ? Fetch : command));
    }

    [Fact]
    public async Task More_than_one_request_returns_are_fetched_too()
    {
        await using var partition = new TestPartition(servers);
        var host = await IdlingAsync(partition);

        await ArriveAsync(partition, 30);

        Assert.Equal(Enumerable.Range(1, 30).Select(uid => (uint)uid), await host.StreamedUidsAsync());
    }

    // Each answer is given once, to the first request of its kind.
    [Theory]
    [InlineData("the FETCH has nothing", Fetch, "{tag} OK done\r\n")]
    [InlineData("the FETCH has only the second", Fetch, "* 5 FETCH (UID 5 RFC822.SIZE {size} BODY[]<0> {body})\r\n{tag} OK done\r\n")]
    [InlineData("the FETCH is refused", Fetch, "{tag} NO sorry\r\n")]
    [InlineData("the FETCH is not known", Fetch, "{tag} BAD what\r\n")]
    [InlineData("the answer to the FETCH cannot be read", Fetch, "* 4 FETCH (UID 4 BODY[]<0> \"a\\\"b\")\r\n{tag} OK done\r\n")]
    [InlineData("the SEARCH finds nothing", Search, "* SEARCH\r\n{tag} OK done\r\n")]
    [InlineData("the SEARCH lists nothing", Search, "{tag} OK done\r\n")]
    [InlineData("the SEARCH is refused", Search, "{tag} NO sorry\r\n")]
    [InlineData("the SEARCH finds what is below", Search, "* SEARCH 3\r\n{tag} OK done\r\n")]
    [InlineData("the SEARCH finds the first only", Search, "* SEARCH 4\r\n{tag} OK done\r\n")]
    [InlineData("the SEARCH lists something else", Search, "* SEARCH 4 x\r\n{tag} OK done\r\n")]
    [InlineData("the SEARCH lists in disorder and twice", Search, "* SEARCH 5 3 4\r\n* SEARCH 4\r\n{tag} OK done\r\n")]
    public async Task Nothing_is_lost_when(string what, string request, string answer)
    {
        Assert.NotEmpty(what);
        await using var partition = new TestPartition(servers);
        var host = await IdlingAsync(partition);
        AnswerOnce(request, new PeerAnswer(answer
            .Replace("{size}", $"{ImapPeer.Body(5).Length}", StringComparison.Ordinal)
            .Replace("{body}", ImapPeer.Literal(ImapPeer.Body(5)), StringComparison.Ordinal)));

        await ArriveAsync(partition, 5);

        Assert.Equal([1u, 2, 3, 4, 5], await host.StreamedUidsAsync());
        Assert.Empty(_log.Of(201));
    }

    [Theory]
    [InlineData(Search, "")]
    [InlineData(Fetch, "")]
    [InlineData(Fetch, "* 4 FETCH (UID 4 RFC822.SIZE 22 BODY[]<0> {22}\r\nSubj")]
    [InlineData(Fetch, "* BYE later\r\n")]
    public async Task Nothing_is_lost_when_the_connection_ends(string request, string answer)
    {
        await using var partition = new TestPartition(servers);
        var host = await IdlingAsync(partition);
        AnswerOnce(request, new PeerAnswer(answer, ClosesConnection: true));

        await ArriveAsync(partition, 5);

        Assert.Equal([1u, 2, 3, 4, 5], await host.StreamedUidsAsync());
    }

    [Fact]
    public async Task A_server_that_ignores_the_second_of_two_commands_gets_them_apart_after_two_emails()
    {
        await using var partition = new TestPartition(servers);
        await IdlingAsync(partition, settings => settings["Polling:ServerTimeout"] = "00:00:01");
        static bool IsTogether(string command) => command.StartsWith("UID FETCH", StringComparison.Ordinal)
            && command.Contains(':', StringComparison.Ordinal) && command.Contains(ImapPeer.Beginning, StringComparison.Ordinal);
        _peer.AnswerOverride = command => IsTogether(command) ? new PeerAnswer("") : null;

        for (var count = 4u; count <= 6; count++)
            await ArriveAsync(partition, count);

        Assert.Equal(2, _peer.Commands.Count(IsTogether));
    }

    private void AnswerOnce(string request, PeerAnswer answer)
    {
        var left = 1;
        _peer.AnswerOverride = command =>
            command.StartsWith(request, StringComparison.Ordinal) && Interlocked.Exchange(ref left, 0) == 1 ? answer : null;
    }

    private async Task<WebApplication> IdlingAsync(TestPartition partition, Action<LocalSettings>? change = null)
    {
        var host = await partition.StartWatcherAsync(_peer, _log, change: change);
        await partition.AppendedAsync(3);
        await Eventually.TrueAsync(() => _peer.Idling == 1, "the connection idles");
        _peer.Commands.Clear();
        return host;
    }

    private async Task ArriveAsync(TestPartition partition, uint count)
    {
        _peer.Count = count;
        await _peer.PushAsync($"* {count} EXISTS\r\n");
        await partition.AppendedAsync((int)count);
        await Eventually.TrueAsync(() => _peer.Idling == 1, "the connection idles again");
    }
}
