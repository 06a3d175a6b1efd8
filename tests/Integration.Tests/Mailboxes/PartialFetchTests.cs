using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests how large emails are read in parts, from servers that do that right, wrong or not at all.</summary>
public sealed class PartialFetchTests(TestServers servers)
{
    private const int Part = BodyPass.PartBytes;

    // Two parts and a bit.
    private const int Length = (2 * Part) + 1_000_003;

    private static readonly PeerAnswer Nothing = new("* 1 FETCH (UID 1 BODY[] NIL)\r\n{tag} OK done\r\n");

    [Fact]
    public async Task A_large_email_is_read_in_parts()
    {
        using var server = new PartPeer(1, Length);

        await IsReadAsync(server);

        Assert.Equal([0, Part, 2 * Part], server.Parts.Select(part => part.Offset));
        Assert.Empty(server.Whole);
    }

    [Fact]
    public async Task An_email_that_ends_with_a_part_is_read_in_parts()
    {
        using var server = new PartPeer(1, 2 * Part) { Answer = request => request.Offset == 2 * Part ? Nothing : null };

        await IsReadAsync(server);

        Assert.Equal([0, Part, 2 * Part], server.Parts.Select(part => part.Offset));
        Assert.Empty(server.Whole);
    }

    [Fact]
    public async Task A_smaller_email_is_read_at_once()
    {
        using var server = new PartPeer(1, Part);

        await IsReadAsync(server);

        Assert.Empty(server.Parts);
        Assert.Equal([1u], server.Whole.AsEnumerable());
    }

    [Fact]
    public async Task The_uid_may_come_after_the_part()
    {
        using var server = new PartPeer(1, Length);
        using var right = new PartPeer(1, Length)
        {
            Answer = request => new(
                server.Part(1, request.Offset, request.Count, $"<{request.Offset}>").Text
                    .Replace("(UID 1 ", "(", StringComparison.Ordinal).Replace(")\r\n{tag}", " UID 1)\r\n{tag}", StringComparison.Ordinal)),
        };

        await IsReadAsync(right);

        Assert.Equal(3, right.Parts.Count);
        Assert.Empty(right.Whole);
    }

    [Fact]
    public async Task A_server_that_returns_the_whole_email_instead_is_understood()
    {
        using var server = new PartPeer(1, Length);
        using var whole = new PartPeer(1, Length) { Answer = request => server.Part(request.Uid, 0, Length, "") };

        await IsReadAsync(whole);

        Assert.Equal([0L], whole.Parts.Select(part => part.Offset));
        Assert.Empty(whole.Whole);
    }

    [Theory]
    [InlineData("no origin")]
    [InlineData("another origin")]
    [InlineData("the beginning again")]
    [InlineData("more than requested")]
    [InlineData("the whole email later")]
    [InlineData("an early end")]
    [InlineData("small pieces")]
    [InlineData("NO")]
    [InlineData("BAD")]
    public async Task After_a_wrong_answer_emails_are_read_whole(string wrong)
    {
        using var right = new PartPeer(2, Length);
        using var server = new PartPeer(2, Length)
        {
            Answer = request => (wrong, request.Offset) switch
            {
                ("NO", _) => new("{tag} NO no parts\r\n"),
                ("BAD", _) => new("{tag} BAD no parts\r\n"),
                ("small pieces", _) => right.Part(request.Uid, request.Offset, 100_000, $"<{request.Offset}>"),
                (_, 0) => null,
                ("no origin", _) => right.Part(request.Uid, request.Offset, request.Count, ""),
                ("another origin", _) => right.Part(request.Uid, request.Offset, request.Count, "<7>"),
                ("the beginning again", _) => right.Part(request.Uid, 0, request.Count, $"<{request.Offset}>"),
                ("more than requested", _) => right.Part(request.Uid, request.Offset, request.Count + 1, $"<{request.Offset}>"),
                ("the whole email later", _) => right.Part(request.Uid, 0, Length, ""),
                _ => Nothing,
            },
        };

        await IsReadAsync(server);

        Assert.Equal([1u, 2], server.Whole.AsEnumerable());
        Assert.All(server.Parts, part => Assert.Equal(1u, part.Uid));
    }

    [Fact]
    public async Task A_server_that_announces_too_much_is_compared_once_and_then_trusted()
    {
        using var server = new PartPeer(3, Length) { Announced = Length + 10_000 };

        await IsReadAsync(server);

        Assert.Equal([1u], server.Whole.AsEnumerable());
        Assert.Equal([1u, 2, 3], server.Parts.Select(part => part.Uid).Distinct());
    }

    // Once is a slip of the server; always, its parts cannot be trusted.
    [Theory]
    [InlineData(1)]
    [InlineData(int.MaxValue)]
    public async Task An_empty_part_in_the_middle_is_not_the_end_on_a_trusted_server_either(int times)
    {
        var slips = 0;
        using var server = new PartPeer(2, Length)
        {
            Announced = Length + 10_000,
            Answer = request => request is { Uid: 2, Offset: 2 * Part } && slips++ < times
                ? new("* 2 FETCH (UID 2 BODY[] NIL)\r\n{tag} OK done\r\n")
                : null,
        };

        await IsReadAsync(server);

        Assert.Equal(times == 1 ? [1u] : [1u, 2], server.Whole.AsEnumerable());
    }

    [Fact]
    public async Task After_a_cut_the_email_continues_at_the_last_byte()
    {
        var cuts = 0;
        using var right = new PartPeer(1, Length);
        using var server = new PartPeer(1, Length)
        {
            Answer = request => request.Offset >= Part && cuts++ < 3 ? right.Cut(request, 1_000_000) : null,
        };

        await IsReadAsync(server);

        Assert.Equal(
            [0, Part, Part + 1_000_000, Part + 2_000_000, Part + 3_000_000], server.Parts.Select(part => part.Offset).Take(5));
        Assert.Equal(4, server.Peer.Connections);
        Assert.Empty(server.Whole);
    }

    [Fact]
    public async Task A_cut_that_brings_nothing_forward_fails_the_poll_and_leaves_nothing()
    {
        await using var partition = new TestPartition(servers);
        using var right = new PartPeer(1, Length);
        using var server = new PartPeer(1, Length) { Answer = request => request.Offset >= Part ? right.Cut(request, 0) : null };
        var host = await StartAsync(partition, server);

        Assert.Equal(PollEnd.Failed, (await host.PollAsync()).End);

        Assert.Equal([0, Part, Part], server.Parts.Select(part => part.Offset));
        Assert.DoesNotContain(partition.AllKeys(), key => ((string)key!).StartsWith("email_ingestion_body", StringComparison.Ordinal));
        Assert.Equal(0u, (await partition.CursorAsync())!.Last);
    }

    [Fact]
    public async Task A_folder_that_is_renumbered_at_a_cut_is_not_read_on()
    {
        await using var partition = new TestPartition(servers);
        using var right = new PartPeer(1, Length);
        using var server = new PartPeer(1, Length) { Answer = request => request.Offset == Part ? right.Cut(request, 1_000) : null };
        AnswerReopening(server, "* 1 EXISTS\r\n* OK [UIDVALIDITY 8] valid\r\n* OK [UIDNEXT 2] next\r\n{tag} OK [READ-ONLY] done\r\n");
        var host = await StartAsync(partition, server);

        var result = await host.PollAsync();

        Assert.Equal((PollEnd.Failed, 0), (result.End, result.Appended));
        Assert.Contains("has renumbered the folder", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{tag} NO [UNAVAILABLE] later\r\n")]
    [InlineData("{tag} NO [INUSE] not now\r\n")]
    [InlineData("{tag} NO not now\r\n")]
    [InlineData("{tag} BAD not now\r\n")]
    [InlineData("* OK [UIDVALIDITY 8] renumbered\r\n{tag} OK [READ-ONLY] done\r\n")]
    public async Task A_folder_that_cannot_be_opened_again_is_not_the_fault_of_the_email(string answer)
    {
        await using var partition = new TestPartition(servers);
        using var right = new PartPeer(1, Length);
        using var server = new PartPeer(1, Length) { Answer = request => request.Offset == Part ? right.Cut(request, 1_000) : null };
        AnswerReopening(server, answer);
        var host = await StartAsync(partition, server);

        Assert.Equal(PollEnd.Failed, (await host.PollAsync()).End);

        Assert.Equal(0, (await partition.CursorAsync())!.Stops);
    }

    [Fact]
    public async Task A_connection_that_ends_twice_at_the_same_byte_is_the_fault_of_the_email_although_it_cannot_be_replaced()
    {
        await using var partition = new TestPartition(servers);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var right = new PartPeer(1, Length);
        using var server = new PartPeer(1, Length) { Answer = request => request.Offset == Part ? right.Cut(request, 1_000) : null };
        AnswerReopening(server, "{tag} NO not now\r\n");
        var host = await StartAsync(partition, server, configure: services => services.AddSingleton<TimeProvider>(time));
        for (var polls = 0; polls < 3; polls++)
        {
            server.Parts.Clear();
            Assert.Equal((PollEnd.Failed, polls), ((await host.PollAsync()).End, (await partition.CursorAsync())!.Stops));
            time.Advance(TimeSpan.FromHours(1));
        }
    }

    [Fact]
    public async Task An_email_of_unknown_size_that_is_too_large_is_dead_lettered()
    {
        await using var partition = new TestPartition(servers);
        using var server = new PartPeer(1, 3_000_000);
        server.Peer.Envelope = _ => ImapPeer.Received;
        var host = await StartAsync(partition, server, "2500000");

        var result = await host.PollAsync();

        Assert.Equal((PollEnd.Complete, 0, 1), (result.End, result.Appended, result.DeadLettered));
        var deadLetter = Assert.Single(await partition.DeadLettersAsync());
        Assert.Equal("3000000 bytes; Polling:MaxMessageBytes is 2500000.", deadLetter.ErrorMessage);
    }

    // The answer to an EXAMINE after a request for a part.
    private static void AnswerReopening(PartPeer server, string text)
    {
        var answer = server.Peer.AnswerOverride;
        server.Peer.AnswerOverride = command => command.StartsWith("EXAMINE", StringComparison.Ordinal) && !server.Parts.IsEmpty
            ? new PeerAnswer(text)
            : answer(command);
    }

    private async Task IsReadAsync(PartPeer server)
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition, server);

        var result = await host.PollAsync();

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: (int)server.Peer.Count), result);
        var emails = await partition.EmailsAsync();
        Assert.Equal(server.Peer.Count, (uint)emails.Count);
        Assert.All(emails, email => Assert.True(email.Raw.Span.SequenceEqual(server.Mail(email.Uid)), $"UID {email.Uid} has other bytes."));
        Assert.DoesNotContain(partition.AllKeys(), key => ((string)key!).Contains("_incoming", StringComparison.Ordinal)
            || ((string)key!).Contains("_staged", StringComparison.Ordinal));
    }

    private static Task<WebApplication> StartAsync(
        TestPartition partition, PartPeer server, string? maxBytes = null, Action<IServiceCollection>? configure = null) =>
        partition.StartPollerAsync(
            settings =>
            {
                server.Peer.Serve(settings);
                if (maxBytes is not null)
                    settings["Polling:MaxMessageBytes"] = maxBytes;
            },
            configure);
}
