using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>One message that the server cannot give, in whatever way it fails, does not stop its mailbox for ever.</summary>
public sealed class RefusedMessageTests(TestServers servers)
{
    private const uint Bad = 2;

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    [Theory]
    [InlineData("{tag} NO [SERVERBUG] that message cannot be read\r\n", false, 2)]
    [InlineData("* BYE that message cannot be read\r\n", true, 3)]
    [InlineData("* 2 FETCH (UID 2 BODY[] {1000}\r\nSubject: half of i", true, 3)]
    [InlineData("* 2 FETCH (UID 2 BODY[] {1000}\r\nSubject: half of i", false, 3)]
    [InlineData("", true, 3)]
    public async Task It_is_dead_lettered_and_the_others_go_on(string says, bool hangsUp, int polls)
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer { InsteadOfBody = { [Bad] = new Saying(says, hangsUp) } };
        var host = await StartAsync(partition, peer);

        PollResult result = new(PollEnd.Stuck);
        for (var poll = 1; poll <= polls; poll++)
        {
            Assert.NotEqual(PollEnd.Complete, result.End);
            Assert.Empty(await partition.DeadLettersAsync());
            result = await PollAsync(host);
        }

        Assert.Equal((PollEnd.Complete, 1, 1), (result.End, result.Appended, result.Dead));
        Assert.Equal([1u, 3u], (await partition.EmailsAsync()).Select(email => email.Uid));
        var letter = Assert.Single(await partition.DeadLettersAsync());
        Assert.Equal(("fetch-failed", (uint?)Bad), (letter.Reason, letter.Uid));
    }

    [Fact]
    public async Task Even_if_the_server_hangs_up_on_its_header_too()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer { Instead = command => command.StartsWith("UID FETCH 2 (", StringComparison.Ordinal) ? new Saying("", HangsUp: true) : null };
        peer.InsteadOfBody[Bad] = new Saying("", HangsUp: true);
        var host = await StartAsync(partition, peer);

        for (var poll = 0; poll < 4; poll++)
        {
            Assert.Empty(await partition.DeadLettersAsync());
            await PollAsync(host);
        }

        Assert.Equal([1u, 3u], (await partition.EmailsAsync()).Select(email => email.Uid));
        Assert.Equal(("fetch-failed", "none"), (Assert.Single(await partition.DeadLettersAsync()).Reason, (await partition.DeadLettersAsync())[0].Body));
    }

    [Fact]
    public async Task After_a_cut_the_message_that_it_came_at_is_asked_for_alone()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer { Count = 5, InsteadOfBody = { [Bad] = new Saying("", HangsUp: true) } };
        var host = await StartAsync(partition, peer);
        await PollAsync(host);
        Assert.Equal([1u], (await partition.EmailsAsync()).Select(email => email.Uid));

        peer.InsteadOfBody.Clear();
        peer.Commands.Clear();
        var result = await PollAsync(host);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 4), result);
        Assert.Equal(
            ["UID FETCH 2 (BODY.PEEK[])", "UID FETCH 3:5 (BODY.PEEK[])"],
            peer.Commands.Where(command => command.Contains("BODY", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_cut_now_and_then_dead_letters_nothing()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer { Count = 6 };
        var host = await StartAsync(partition, peer);

        for (var uid = 1u; uid <= 6; uid++)
        {
            peer.InsteadOfBody[uid] = new Saying("", HangsUp: true);
            await PollAsync(host);
            peer.InsteadOfBody.Clear();
        }

        await PollAsync(host);
        Assert.Equal([1u, 2, 3, 4, 5, 6], (await partition.EmailsAsync()).Select(email => email.Uid));
        Assert.Empty(await partition.DeadLettersAsync());
    }

    private Task<WebApplication> StartAsync(TestPartition partition, ImapPeer peer) => partition.StartPollerAsync(
        settings =>
        {
            peer.Serve(settings);
            settings["Polling:FetchAttempts"] = "2";
            settings["Polling:ServerTimeout"] = "00:00:01";
        },
        services => services.AddSingleton<TimeProvider>(_time));

    // Later than any back-off of before.
    private Task<PollResult> PollAsync(WebApplication host)
    {
        _time.Advance(TimeSpan.FromHours(1));
        return host.PollAsync();
    }
}
