using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>
/// Tests that an answer beyond all limits ends the connection and fails the mailbox with a clear error. tests/Hostile has all of them.
/// </summary>
public sealed class HostileAnswerTests(TestServers servers)
{
    [Fact]
    public async Task Parentheses_without_end_are_not_parsed()
    {
        using var peer = new ImapPeer { Envelope = _ => $"BODYSTRUCTURE {new string('(', 60_000)}" };
        await FailsAsync(peer, "a response nested more than 64 deep");
    }

    [Fact]
    public async Task A_literal_far_above_the_announced_size_is_not_waited_for()
    {
        using var peer = new ImapPeer { BodyAnswer = _ => "{2147483647}\r\nx" };
        await FailsAsync(peer, $"a literal of 2147483647 bytes where at most {(2 * 22) + 1048576} are expected");
    }

    [Fact]
    public async Task A_range_is_not_expanded_beyond_the_folder()
    {
        using var peer = new ImapPeer { Greeting = "* OK [CAPABILITY IMAP4rev1 ESEARCH] ready\r\n" };
        peer.AnswerOverride = command => command.Split(' ')[0] switch
        {
            "CAPABILITY" => new("* CAPABILITY IMAP4rev1 ESEARCH\r\n{tag} OK done\r\n"),
            "UID" when command.StartsWith("UID SEARCH", StringComparison.Ordinal) =>
                new("* ESEARCH (TAG \"{tag}\") UID ALL 1:100000000\r\n{tag} OK done\r\n"),
            _ => null,
        };
        await FailsAsync(peer, "a list of more than 10003 UIDs for a folder of 3 emails");
    }

    [Fact]
    public async Task An_endless_greeting_ends_the_connection()
    {
        using var peer = new ImapPeer { Greeting = "* OK " + new string('x', 1_000_000) };
        await FailsAsync(peer, "a greeting of more than 65536 bytes");
    }

    private async Task FailsAsync(ImapPeer peer, string sent)
    {
        await using var partition = new TestPartition(servers);
        var host = await partition.StartPollerAsync(peer.Serve);

        var result = await host.PollAsync();

        Assert.Equal(new PollResult(PollEnd.Failed, Error: $"127.0.0.1:{peer.Port} sent {sent}; the connection was closed."), result);
        Assert.Equal(result.Error, await partition.ErrorAsync(partition.Mailbox()));
    }
}
