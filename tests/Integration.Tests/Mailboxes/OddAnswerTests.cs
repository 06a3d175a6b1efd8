using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests answers to FETCH that are incomplete or do not match the request.</summary>
public sealed class OddAnswerTests(TestServers servers)
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    [Theory]
    [InlineData("NIL")]
    [InlineData("\"\"")]
    [InlineData("{0}\r\n")]
    public async Task An_empty_body_becomes_a_dead_letter_after_the_last_attempt(string answer)
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer { BodyAnswer = uid => uid == 2 ? answer : ImapPeer.Literal(ImapPeer.Body(uid)) };
        var host = await StartAsync(partition, peer);

        Assert.Equal(new PollResult(PollEnd.Stuck, Appended: 1), await PollAsync(host));
        Assert.Empty(await partition.DeadLettersAsync());
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1, DeadLettered: 1), await PollAsync(host));

        Assert.Equal([1u, 3u], (await partition.EmailsAsync()).Select(email => email.Uid));
        var deadLetter = Assert.Single(await partition.DeadLettersAsync());
        Assert.Equal(
            (DeadLetterReasons.FetchFailed, 2u, "headers", "2"),
            (deadLetter.Reason, deadLetter.Uid!.Value, deadLetter.Body, deadLetter.Subject));
    }

    [Theory]
    [InlineData("NIL")]
    [InlineData("{0}\r\n")]
    public async Task An_email_of_0_bytes_is_appended(string answer)
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer { Count = 1, Envelope = _ => $"RFC822.SIZE 0 {ImapPeer.Received}", BodyAnswer = _ => answer };
        var host = await StartAsync(partition, peer);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), await PollAsync(host));
    }

    [Fact]
    public async Task A_body_that_arrives_later_is_accepted()
    {
        await using var partition = new TestPartition(servers);
        var asked = 0;
        using var peer = new ImapPeer { BodyAnswer = uid => uid == 2 && asked++ == 0 ? "NIL" : ImapPeer.Literal(ImapPeer.Body(uid)) };
        var host = await StartAsync(partition, peer);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await PollAsync(host));

        Assert.Equal([ImapPeer.Body(1), ImapPeer.Body(2), ImapPeer.Body(3)], (await partition.EmailsAsync()).Texts());
    }

    [Fact]
    public async Task A_short_body_that_is_always_the_same_is_accepted_with_a_warning()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer { Envelope = _ => $"RFC822.SIZE 5000 {ImapPeer.Received}" };
        var host = await StartAsync(partition, peer);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await PollAsync(host));

        Assert.Equal([ImapPeer.Body(1), ImapPeer.Body(2), ImapPeer.Body(3)], (await partition.EmailsAsync()).Texts());
        var warnings = host.Services.GetFakeLogCollector().GetSnapshot()
            .Where(line => line.Level == LogLevel.Warning && line.Message.Contains("accepted UID", StringComparison.Ordinal))
            .Select(line => line.Message)
            .ToArray();
        Assert.Equal(3, warnings.Length);
        Assert.EndsWith(
            "accepted UID 1 with 22 bytes although the server announced 5000: it returns the same bytes each time.", warnings[0],
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_short_body_that_differs_each_time_is_not_accepted()
    {
        await using var partition = new TestPartition(servers);
        var asked = 0;
        using var peer = new ImapPeer
        {
            Count = 1,
            Envelope = _ => $"RFC822.SIZE 5000 {ImapPeer.Received}",
            BodyAnswer = _ => ImapPeer.Literal($"Subject: 1\r\n\r\n{asked++}"),
        };
        var host = await StartAsync(partition, peer);

        Assert.Equal(new PollResult(PollEnd.Stuck), await PollAsync(host));
        Assert.Equal(new PollResult(PollEnd.Complete, DeadLettered: 1), await PollAsync(host));
    }

    [Fact]
    public async Task A_body_that_ends_within_its_header_is_requested_again()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer
        {
            Count = 1,
            Envelope = _ => $"RFC822.SIZE 5000 {ImapPeer.Received}",
            BodyAnswer = _ => ImapPeer.Literal("Subject: half of i"),
        };
        var host = await StartAsync(partition, peer);

        Assert.Equal(new PollResult(PollEnd.Stuck), await PollAsync(host));
        // The server has no more bytes, and a short body is better than none.
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), await PollAsync(host));
    }

    [Fact]
    public async Task A_size_that_the_server_omits_is_that_of_the_received_body()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer { Envelope = _ => ImapPeer.Received };
        var host = await StartAsync(partition, peer);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await PollAsync(host));

        Assert.All(await partition.EmailsAsync(), email => Assert.Equal(email.Raw.Length, email.Size));
    }

    [Theory]
    [InlineData("")]
    [InlineData("INTERNALDATE \"00-Jan-0000 00:00:00 +0000\"")]
    [InlineData("INTERNALDATE \"01-Jan-1970 00:00:00 +0000\"")]
    [InlineData("INTERNALDATE \"31-Feb-2026 08:00:00 +0000\"")]
    [InlineData("INTERNALDATE \"never\"")]
    public async Task Without_INTERNALDATE_the_Date_header_counts_or_else_the_time_of_the_poll(string received)
    {
        await using var partition = new TestPartition(servers);
        var dated = "Subject: 1\r\nDate: Mon, 23 Nov 2026 09:00:00 +0100\r\n\r\nx\r\n";
        using var peer = new ImapPeer
        {
            Count = 2,
            BodyAnswer = uid => ImapPeer.Literal(uid == 1 ? dated : ImapPeer.Body(uid)),
        };
        peer.Envelope = uid =>
        {
            var isAsked = peer.Commands.Last().Contains("INTERNALDATE", StringComparison.Ordinal);
            return $"RFC822.SIZE {(uid == 1 ? dated : ImapPeer.Body(uid)).Length} {(isAsked ? received : "")}".TrimEnd();
        };
        var host = await StartAsync(partition, peer);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2), await PollAsync(host));

        var emails = await partition.EmailsAsync();
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero), emails[0].Date);
        Assert.Equal(_time.GetUtcNow(), emails[1].Date, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task UIDs_that_were_not_requested_are_dropped_and_repeats_count_once()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer();
        var foreign = string.Concat(Enumerable.Range(1, 50).Select(i =>
            $"* {i} FETCH (UID {i * 1000} {ImapPeer.Received} RFC822.SIZE 5)\r\n* 1 FETCH (UID 1 {ImapPeer.Received} RFC822.SIZE 21)\r\n"));
        var bodies = string.Concat(Enumerable.Range(1, 50).Select(i =>
            $"* {i} FETCH (UID {i * 1000} BODY[] {ImapPeer.Literal("foreign")})\r\n"
            + $"* 1 FETCH (UID 1 BODY[] {ImapPeer.Literal(ImapPeer.Body(1))})\r\n"));
        peer.Greeting = peer.Greeting + foreign;
        peer.Envelope = uid => $"RFC822.SIZE {ImapPeer.Body(uid).Length} {ImapPeer.Received})\r\n{foreign}* {uid} FETCH (UID {uid}";
        peer.BodyAnswer = uid => $"{ImapPeer.Literal(ImapPeer.Body(uid))})\r\n{bodies}* {uid} FETCH (UID {uid}";
        var host = await StartAsync(partition, peer);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await PollAsync(host));

        Assert.Equal([ImapPeer.Body(1), ImapPeer.Body(2), ImapPeer.Body(3)], (await partition.EmailsAsync()).Texts());
    }

    [Theory]
    [InlineData("RFC822.SIZE -1")]
    [InlineData("RFC822.SIZE 99999999999999999999")]
    [InlineData("RFC822.SIZE NIL")]
    [InlineData("RFC822.SIZE 5 UID 0")]
    [InlineData("RFC822.SIZE 5 UID -2")]
    public async Task An_envelope_that_cannot_be_read_affects_only_its_email(string envelope)
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer { Count = 300 };
        peer.Envelope = uid => uid == 200 ? envelope : $"RFC822.SIZE {ImapPeer.Body(uid).Length} {ImapPeer.Received}";
        var host = await StartAsync(partition, peer);

        Assert.Equal(new PollResult(PollEnd.Stuck, Appended: 199), await PollAsync(host));
        var connections = peer.Commands.Count(command => command.StartsWith("EXAMINE", StringComparison.Ordinal));
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 100, DeadLettered: 1), await PollAsync(host));

        Assert.Equal(Enumerable.Range(1, 300).Where(uid => uid != 200), (await partition.EmailsAsync()).Select(email => (int)email.Uid));
        var deadLetter = Assert.Single(await partition.DeadLettersAsync());
        Assert.Equal(
            (DeadLetterReasons.FetchFailed, 200u, "headers", "200"),
            (deadLetter.Reason, deadLetter.Uid!.Value, deadLetter.Body, deadLetter.Subject));
        Assert.InRange(connections, 1, 16);
    }

    private Task<WebApplication> StartAsync(TestPartition partition, ImapPeer peer) => partition.StartPollerAsync(
        settings =>
        {
            peer.Serve(settings);
            settings["Polling:FetchAttempts"] = "2";
        },
        services =>
        {
            services.AddSingleton<TimeProvider>(_time);
            services.AddLogging(logging => logging.AddFakeLogging());
        });

    private Task<PollResult> PollAsync(WebApplication host)
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        return host.PollAsync();
    }
}
